// The kernel never exits, so destructors of statics are never due.

extern "C" int atexit(void (*function)());

extern "C" int atexit(void (*)()) {
    return 0;
}
