#pragma once
// <cmath> names the whole of C's mathematics, and <functional>, which Boost.Intrusive includes, comes with <cmath>.
// Declared here so that the headers parse; nothing defines them: the kernel has no floating point, and a use does not
// link.

#ifdef __cplusplus
extern "C" {
#endif

typedef float float_t;
typedef double double_t;

#define FP_NAN 0
#define FP_INFINITE 1
#define FP_ZERO 2
#define FP_SUBNORMAL 3
#define FP_NORMAL 4
#define HUGE_VAL __builtin_huge_val()
#define HUGE_VALF __builtin_huge_valf()
#define HUGE_VALL __builtin_huge_vall()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define FP_ILOGB0 (-__INT_MAX__)
#define FP_ILOGBNAN __INT_MAX__
#define MATH_ERRNO 1
#define MATH_ERREXCEPT 2
#define math_errhandling 0

#define TETRAPYLON_MATH(result, name, ...)                                                                             \
    result(double) name(__VA_ARGS__(double));                                                                          \
    result(float) name##f(__VA_ARGS__(float));                                                                         \
    result(long double) name##l(__VA_ARGS__(long double));
#define TETRAPYLON_SAME(type) type
#define TETRAPYLON_INT(type) int
#define TETRAPYLON_LONG(type) long
#define TETRAPYLON_LONG_LONG(type) long long
#define TETRAPYLON_TWO(type) type, type
#define TETRAPYLON_THREE(type) type, type, type
#define TETRAPYLON_VALUE_POINTER(type) type, type*
#define TETRAPYLON_VALUE_INT(type) type, int
#define TETRAPYLON_VALUE_INT_POINTER(type) type, int*
#define TETRAPYLON_VALUE_LONG(type) type, long
#define TETRAPYLON_VALUE_LONG_DOUBLE(type) type, long double
#define TETRAPYLON_REMQUO(type) type, type, int*
#define TETRAPYLON_TEXT(type) const char*

#define TETRAPYLON_F1(name) TETRAPYLON_MATH(TETRAPYLON_SAME, name, TETRAPYLON_SAME)
#define TETRAPYLON_F2(name) TETRAPYLON_MATH(TETRAPYLON_SAME, name, TETRAPYLON_TWO)

TETRAPYLON_F1(acos)
TETRAPYLON_F1(acosh)
TETRAPYLON_F1(asin)
TETRAPYLON_F1(asinh)
TETRAPYLON_F1(atan)
TETRAPYLON_F1(atanh)
TETRAPYLON_F1(cbrt)
TETRAPYLON_F1(ceil)
TETRAPYLON_F1(cos)
TETRAPYLON_F1(cosh)
TETRAPYLON_F1(erf)
TETRAPYLON_F1(erfc)
TETRAPYLON_F1(exp)
TETRAPYLON_F1(exp2)
TETRAPYLON_F1(expm1)
TETRAPYLON_F1(fabs)
TETRAPYLON_F1(floor)
TETRAPYLON_F1(lgamma)
TETRAPYLON_F1(log)
TETRAPYLON_F1(log10)
TETRAPYLON_F1(log1p)
TETRAPYLON_F1(log2)
TETRAPYLON_F1(logb)
TETRAPYLON_F1(nearbyint)
TETRAPYLON_F1(rint)
TETRAPYLON_F1(round)
TETRAPYLON_F1(sin)
TETRAPYLON_F1(sinh)
TETRAPYLON_F1(sqrt)
TETRAPYLON_F1(tan)
TETRAPYLON_F1(tanh)
TETRAPYLON_F1(tgamma)
TETRAPYLON_F1(trunc)
TETRAPYLON_F2(atan2)
TETRAPYLON_F2(copysign)
TETRAPYLON_F2(fdim)
TETRAPYLON_F2(fmax)
TETRAPYLON_F2(fmin)
TETRAPYLON_F2(fmod)
TETRAPYLON_F2(hypot)
TETRAPYLON_F2(nextafter)
TETRAPYLON_F2(pow)
TETRAPYLON_F2(remainder)
TETRAPYLON_MATH(TETRAPYLON_SAME, fma, TETRAPYLON_THREE)
TETRAPYLON_MATH(TETRAPYLON_SAME, frexp, TETRAPYLON_VALUE_INT_POINTER)
TETRAPYLON_MATH(TETRAPYLON_SAME, ldexp, TETRAPYLON_VALUE_INT)
TETRAPYLON_MATH(TETRAPYLON_SAME, modf, TETRAPYLON_VALUE_POINTER)
TETRAPYLON_MATH(TETRAPYLON_SAME, nan, TETRAPYLON_TEXT)
TETRAPYLON_MATH(TETRAPYLON_SAME, nexttoward, TETRAPYLON_VALUE_LONG_DOUBLE)
TETRAPYLON_MATH(TETRAPYLON_SAME, remquo, TETRAPYLON_REMQUO)
TETRAPYLON_MATH(TETRAPYLON_SAME, scalbln, TETRAPYLON_VALUE_LONG)
TETRAPYLON_MATH(TETRAPYLON_SAME, scalbn, TETRAPYLON_VALUE_INT)
TETRAPYLON_MATH(TETRAPYLON_INT, ilogb, TETRAPYLON_SAME)
TETRAPYLON_MATH(TETRAPYLON_LONG, lrint, TETRAPYLON_SAME)
TETRAPYLON_MATH(TETRAPYLON_LONG, lround, TETRAPYLON_SAME)
TETRAPYLON_MATH(TETRAPYLON_LONG_LONG, llrint, TETRAPYLON_SAME)
TETRAPYLON_MATH(TETRAPYLON_LONG_LONG, llround, TETRAPYLON_SAME)

#undef TETRAPYLON_F1
#undef TETRAPYLON_F2

#ifdef __cplusplus
}
#endif
