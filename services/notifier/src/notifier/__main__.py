"""``python -m notifier``: the service's process."""

from shared.runtime.launching import launch

if __name__ == "__main__":
    launch("notifier", "notifier.main")
