"""Storage in one encrypted file: SQLCipher, write-ahead log, full flushes."""
