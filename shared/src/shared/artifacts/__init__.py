"""Artifacts: every finished thing under the hash of all its inputs."""
