"""``python -m script_worker``: the service's process."""

from shared.runtime.loading import lean

if __name__ == "__main__":
    with lean():
        from script_worker.main import main
        from shared.runtime import service
    service.run("script-worker", main)
