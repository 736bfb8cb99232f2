#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void* memcpy(void* __restrict to, const void* __restrict from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* to, int byte, size_t size);
int memcmp(const void* left, const void* right, size_t size);
void* memchr(const void* in, int byte, size_t size);
size_t strlen(const char* text);
size_t strnlen(const char* text, size_t limit);
int strcmp(const char* left, const char* right);
int strncmp(const char* left, const char* right, size_t limit);
char* strchr(const char* text, int wanted);
char* strrchr(const char* text, int wanted);

// Declared because <cstring> names them; nothing defines them, so a use does not link.
char* strcpy(char* __restrict to, const char* __restrict from);
char* strncpy(char* __restrict to, const char* __restrict from, size_t limit);
char* strcat(char* __restrict to, const char* __restrict from);
char* strncat(char* __restrict to, const char* __restrict from, size_t limit);
int strcoll(const char* left, const char* right);
size_t strxfrm(char* __restrict to, const char* __restrict from, size_t limit);
size_t strcspn(const char* text, const char* reject);
size_t strspn(const char* text, const char* accept);
char* strpbrk(const char* text, const char* accept);
char* strstr(const char* text, const char* part);
char* strtok(char* __restrict text, const char* __restrict separators);
char* strerror(int number);

#ifdef __cplusplus
}
#endif
