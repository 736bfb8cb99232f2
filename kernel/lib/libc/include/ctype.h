#pragma once
// <cctype> names these through <string_view>'s includes; nothing defines them, so a use does not link.
#ifdef __cplusplus
extern "C" {
#endif
int isdigit(int byte);
int isxdigit(int byte);
int isspace(int byte);
int isalpha(int byte);
int isalnum(int byte);
int isupper(int byte);
int islower(int byte);
int isprint(int byte);
int toupper(int byte);
int tolower(int byte);
#ifdef __cplusplus
}
#endif
