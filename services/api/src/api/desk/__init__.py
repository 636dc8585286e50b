"""What operators do and see: dead letters, queues, workers."""
