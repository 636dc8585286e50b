"""A language model behind the OpenAI protocol as a writer."""
