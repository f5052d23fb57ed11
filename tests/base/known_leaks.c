/* known_leaks.c: glibc's newlocale(), which json-c calls for each text, loses its copy of LOCPATH when that
 * is set. It is set only for these tests. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:__argz_add_sep\nleak:__argz_create_sep\n";
}
