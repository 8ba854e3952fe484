# A laptop's own name may have no address; Spark would not start without one.
SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
