"""What the guides say to type for a dump and for the way back."""

OPTION_FILE = r"""
umask 077
cat >recsys.cnf <<END
[client]
host="$DB_HOST"
port=${DB_PORT:-3306}
user="${DB_USER:-recsys}"
password="$(printf %s "$DB_PASSWORD" | sed 's/["\\]/\\&/g')"
${DB_SSL_CA:+ssl-ca=$DB_SSL_CA}
${DB_SSL_CA:+loose-ssl-mode=VERIFY_IDENTITY}
${DB_SSL_CA:+loose-ssl-verify-server-cert}
END
"""
"""A file, since whoever may look at the processes sees their arguments, and MySQL's clients want
to be rid of MYSQL_PWD. TLS: the first `loose-` line is for MySQL's clients, the second for
MariaDB's; either warns of the other's."""

DUMP = """
umask 077
mysqldump --defaults-extra-file=recsys.cnf --single-transaction --quick --no-tablespaces \\
  --loose-set-gtid-purged=OFF --default-character-set=utf8mb4 --result-file=recsys.sql recsys
tail -n 1 recsys.sql
"""
"""No routines, triggers or events: there are none. Without PROCESS (tablespaces) and SUPER (GTIDs),
which nobody has on RDS. Not through a pipe: gzip would hide that the dump broke off."""

RESTORE = """
mysql --defaults-extra-file=recsys.cnf --default-character-set=utf8mb4 recsys_restored <recsys.sql
"""
