"""PostgreSQL and RabbitMQ of the stack's own: started, stopped, killed, started again."""
