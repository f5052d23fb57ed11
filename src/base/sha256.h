/* base/sha256.h: SHA-256 (FIPS 180-4). Thread-safe. */
#ifndef HN_BASE_SHA256_H
#define HN_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HN_SHA256_SIZE = 32 };

void hn_sha256(const void *bytes, size_t size, uint8_t digest[HN_SHA256_SIZE]);
/* In a time that does not tell where they differ. */
bool hn_sha256_equal(const uint8_t a[HN_SHA256_SIZE], const uint8_t b[HN_SHA256_SIZE]);

#endif
