/* space/condition_term.h: the tree a condition is parsed into, shared by condition_*.c. */
#ifndef HN_SPACE_CONDITION_TERM_H
#define HN_SPACE_CONDITION_TERM_H

#include "space/condition.h"

typedef enum hn_term_kind {
    HN_TERM_OR,      /* children: conditions */
    HN_TERM_AND,     /* children: conditions */
    HN_TERM_NOT,     /* child: a condition */
    HN_TERM_COMPARE, /* children: left, right */
    HN_TERM_IN,      /* children: the value, then the list's items */
    HN_TERM_CALL,    /* children: the function's numbers */
    HN_TERM_CHAIN,   /* children: numbers, each joined to those left of it by its own `join` */
    HN_TERM_NEGATE,  /* child: a number */
    HN_TERM_LITERAL, /* value */
    HN_TERM_WORD,    /* value.as.string: a parameter when bound to one, else that text */
} hn_term_kind;

typedef enum hn_comparison {
    HN_LESS,
    HN_LESS_EQUAL,
    HN_GREATER,
    HN_GREATER_EQUAL,
    HN_EQUAL,
    HN_NOT_EQUAL
} hn_comparison;

typedef struct hn_term hn_term;

struct hn_term {
    hn_term_kind kind;
    char join;                /* + - * / ^ (power): how a child of a CHAIN joins */
    bool must_be_parameter;   /* WORD in back quotes */
    hn_comparison comparison; /* COMPARE; IN: EQUAL, or NOT_EQUAL for `not in` */
    size_t offset;            /* in the text, for messages */
    hn_term *child, *next; /* first child, next sibling: depth grows with nesting only, never with length */
    hone_value value;
    size_t parameter;                    /* WORD: SIZE_MAX when it is a text */
    const hn_distribution *distribution; /* WORD bound to a parameter: borrowed */
    const struct hn_function *function;  /* CALL */
};

/* One of them is NULL. */
typedef struct hn_function {
    const char *name;
    double (*one)(double);
    double (*two)(double, double);
} hn_function;

extern const char hn_function_list[];                  /* "ceil, cos, ..." */
const hn_function *hn_function_find(const char *name); /* NULL: there is none */

struct hn_condition {
    const char *what; /* "condition", "expression" */
    const char *text;
    hn_position at;
    hn_term *root;
    bool number; /* it is worth a number: an expression */
};

/* `at` moved by offset bytes within a line. */
hn_position hn_position_within(hn_position at, size_t offset);

#endif
