// Instructions chosen once at boot. The text holds the long form; where the feature is missing, apply_alternatives()
// overwrites it with the other one (padded with nops). For assembly files and for inline assembly.
// A row: self-relative address of the instruction and of its replacement, feature, both lengths.

#define ALTERNATIVE_SMAP 0
#define ALTERNATIVE_FSGSBASE 1
#define ALTERNATIVE_XSAVE 2

#ifdef __ASSEMBLER__

// Assembles `instruction`; nops instead where the feature is missing.
.macro only_with feature, instruction:vararg
771:    \instruction
772:
    .pushsection .alternatives, "a"
773:    .long 771b - 773b
774:    .long 0
    .byte \feature, 772b - 771b, 0, 0
    .popsection
.endm

#else

// The same for inline assembly, with another instruction where the feature is missing. The longer one must come first.
#define ALTERNATIVE_TEXT(number) ALTERNATIVE_TEXT_(number)
#define ALTERNATIVE_TEXT_(number) #number
#define ALTERNATIVE(feature, instruction, otherwise)                                                                   \
    "771: " instruction "\n772:\n"                                                                                     \
    ".pushsection .alternative_text, \"ax\"\n"                                                                         \
    "775: " otherwise "\n776:\n"                                                                                       \
    ".popsection\n"                                                                                                    \
    ".pushsection .alternatives, \"a\"\n"                                                                              \
    "773: .long 771b - 773b\n"                                                                                         \
    "774: .long 775b - 774b\n"                                                                                         \
    ".byte " ALTERNATIVE_TEXT(feature) ", 772b - 771b, 776b - 775b, 0\n"                                                                \
    ".popsection\n"

#endif
