#include "support.h"

#include <string.h>

#include "storage/storage.h"
#include "storage/url.h"

static hone_error err;

START_TEST(spells_urls_as_sqlalchemy)
{
    static const struct {
        const char *text, *path;
    } cases[] = {
        {"sqlite:///hone.db", "hone.db"},
        {"sqlite:////tmp/hone.db", "/tmp/hone.db"},
        {"study.db", "study.db"},
        {"/var/x y.sqlite3", "/var/x y.sqlite3"},
        {"../a.sqlite", "../a.sqlite"},
        {"sqlite:///a.db?timeout=1", "a.db"},
        {"sqlite:///with%20percent", "with%20percent"},
    };
    hn_arena arena = HN_ARENA_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_storage_url url;
        const char *path;
        ck_assert_int_eq(hn_storage_url_parse(&arena, cases[i].text, &url, &err), HONE_OK);
        ck_assert_int_eq(hn_storage_url_path(&url, &path, &err), HONE_OK);
        ck_assert_str_eq(url.scheme, "sqlite:");
        ck_assert_str_eq(path, cases[i].path);
    }
    hn_storage_url url;
    double timeout;
    ck_assert_int_eq(hn_storage_url_parse(&arena, "study.db?a=b", &url, &err), HONE_INVALID);
    ck_assert_int_eq(hn_storage_url_parse(&arena, "sqlite:///a.db?durability=normal&timeout=0.5", &url, &err),
                     HONE_OK);
    ck_assert_str_eq(hn_map_get(url.options, "durability")->as.string, "normal");
    ck_assert(hn_node_double(hn_map_get(url.options, "timeout"), &timeout) && timeout == 0.5);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(explains_wrong_urls)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "empty"},
        {"study", "sqlite:///study"},
        {"sqlit:///a.db", "did you mean 'sqlite:'"},
        {"mongodb://host/db", "there are sqlite:, memory:, postgresql:"},
        {"postgresq://host/db", "did you mean 'postgresql:'"},
        {"postgresql://host/db?durability=some", "normal"},
        {"postgresql://host/db?no_such=1", "no_such"},
        {"postgresql://[::1/db", "postgresql://user@host:port/database"},
        {"sqlite:a.db", "sqlite:///a.db"},
        {"sqlite://a.db", "sqlite:///a.db"},
        {"sqlite://", "three slashes"},
        {"sqlite:///", "names no file"},
        {"sqlite:///:memory:", "memory:"},
        {"sqlite:///a.db?fast", "key=value"},
        {"sqlite:///a.db?timeout=1&timeout=2", "twice"},
        {"sqlite:///a.db?durabilty=full", "durability"},
        {"sqlite:///a.db?durability=max", "normal"},
        {"sqlite:///a.db?timeout=-1", "timeout"},
        {"memory:name", "no name"},
        {"sqlite:////no/such/folder/a.db", "no folder '/no/such/folder'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_storage *storage;
        hone_status status = hn_storage_open(cases[i].text, true, &storage, &err);
        ck_assert_msg(status == HONE_INVALID || status == HONE_NOT_FOUND, "'%s': %d", cases[i].text,
                      (int)status);
        hn_assert_contains(err.message, cases[i].part);
    }
}
END_TEST

/* "secret" is in none of what is shown, whatever is wrong with the URL. */
START_TEST(shows_no_password)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"},
        {"postgres://me:secret@host/db?sslmode=require", "postgresql://me:***@host/db?sslmode=require"},
        {"postgresql+psycopg2://me:secret@host/db", "postgresql://me:***@host/db"},
        {"postgresql://me:sec@secret@host/db", "postgresql://me:***@host/db"},
        {"postgresql://me:sec/secret@host/db", "postgresql://me:***@host/db"},
        {"postgresql://me:sec?secret@host/db", "postgresql://me:***@host/db"},
        {"postgresql:///db?host=/run&user=me&password=secret",
         "postgresql:///db?host=/run&user=me&password=***"},
        {"postgresql:///db?sslpassword=secret&host=/run", "postgresql:///db?sslpassword=***&host=/run"},
        {"postgresql://me@host:5432/db", "postgresql://me@host:5432/db"},
        {"postgresql://host/db", "postgresql://host/db"},
        {"sqlite:////a:b@c/x.db", "sqlite:////a:b@c/x.db"},
    };
    hn_arena arena = HN_ARENA_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_storage_url url;
        if (!hn_storage_url_parse(&arena, cases[i].text, &url, &err))
            ck_assert_str_eq(url.shown, cases[i].shown);
        else
            ck_assert_ptr_null(strstr(err.message, "secret"));
    }
    static const char *const wrong[] = {
        "mysql://me:secret@host/db",
        "postgresql://me:secret@host/db?durability=some",
        "postgresql://me:secret@host/db?no_such=1",
        "postgresql://me:secret@host/db?nothing",
        "postgresql://me:secret@host/db?timeout=1&timeout=1",
        "postgresql://me:secret@[::1/db",
        "postgresql://me:%zzsecret@host/db",
        "postgresql://me:secret@/db?host=/no/such/folder",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hn_storage *storage;
        ck_assert_int_ne(hn_storage_open(wrong[i], true, &storage, &err), HONE_OK);
        ck_assert_msg(!strstr(err.message, "secret"), "'%s': %s", wrong[i], err.message);
    }
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_url(void)
{
    Suite *suite = suite_create("storage url");
    TCase *urls = tcase_create("urls");
    tcase_add_test(urls, spells_urls_as_sqlalchemy);
    tcase_add_test(urls, explains_wrong_urls);
    tcase_add_test(urls, shows_no_password);
    suite_add_tcase(suite, urls);
    return suite;
}
