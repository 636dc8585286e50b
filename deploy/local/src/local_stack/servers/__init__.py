"""Private servers: RabbitMQ and PostgreSQL of this stack alone, on free ports, with their data in
one folder.
"""
