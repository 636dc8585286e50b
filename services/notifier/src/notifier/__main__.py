"""``python -m notifier``: the service's process."""

from shared.runtime.loading import lean

if __name__ == "__main__":
    with lean():
        from notifier.main import main
        from shared.runtime import service
    service.run("notifier", main)
