"""What storage raises when a request cannot be met."""


class StorageError(Exception):
    """The database cannot do what was asked; the text is one sentence for the user."""


class NotFound(StorageError):
    """There is no such row."""


class NewerSchema(StorageError):
    """The database was written by a newer Kith."""


class DiskFull(StorageError):
    """There is no room left to write."""


class Corrupt(StorageError):
    """The database file is damaged."""
