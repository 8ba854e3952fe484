"""`bin/bench jdbc`: how rows reach MariaDB, against LOAD DATA LOCAL."""
