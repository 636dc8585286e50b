"""RabbitMQ: the topology, publishing with confirms, consuming without losing."""
