/* Copying folders. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/os_file.h"

enum { MOST_DEPTH = 64 };

static hone_status copy_bytes(int from, int to, const char *path, hone_error *err)
{
    char block[64 * 1024];
    ssize_t n;
    while ((n = read(from, block, sizeof block)) > 0) {
        for (ssize_t done = 0, wrote; done < n; done += wrote) {
            wrote = write(to, block + done, (size_t)(n - done));
            if (wrote <= 0)
                return hn_fail_errno(err, HONE_IO, "cannot copy to %s", path);
        }
    }
    return n < 0 ? hn_fail_errno(err, HONE_IO, "cannot copy to %s", path) : HONE_OK;
}

static hone_status copy_file(const char *from, const char *to, mode_t mode, hone_error *err)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return hn_fail_errno(err, HONE_IO, "cannot read %s", from);
    int copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
    hone_status status =
        copy < 0 ? hn_fail_errno(err, HONE_IO, "cannot write %s", to) : copy_bytes(source, copy, to, err);
    close(source);
    if (copy >= 0 && close(copy) != 0 && !status)
        status = hn_fail_errno(err, HONE_IO, "cannot write %s", to);
    return status;
}

static hone_status copy_link(const char *from, const char *to, hone_error *err)
{
    char target[4096];
    ssize_t size = readlink(from, target, sizeof target - 1);
    target[size < 0 ? 0 : size] = '\0';
    return size < 0 || symlink(target, to) != 0 ? hn_fail_errno(err, HONE_IO, "cannot copy the link %s", from)
                                                : HONE_OK;
}

static hone_status copy_folder(const char *from, const char *to, int depth, hone_error *err);

static hone_status copy_entry(const char *from, const char *to, int depth, hone_error *err)
{
    struct stat info;
    if (lstat(from, &info) != 0)
        return hn_fail_errno(err, HONE_IO, "cannot read %s", from);
    if (S_ISDIR(info.st_mode))
        return copy_folder(from, to, depth + 1, err);
    if (S_ISLNK(info.st_mode))
        return copy_link(from, to, err);
    return S_ISREG(info.st_mode) ? copy_file(from, to, info.st_mode, err) : HONE_OK; /* pipes stay behind */
}

static hone_status copy_folder(const char *from, const char *to, int depth, hone_error *err)
{
    hone_status status = HONE_OK;
    if (depth > MOST_DEPTH)
        return hn_fail(err, HONE_LIMIT, "%s: folders lie in each other more than %d deep", from, MOST_DEPTH);
    DIR *folder = opendir(from);
    if (folder == NULL)
        return hn_fail_errno(err, HONE_IO, "cannot read the folder %s", from);
    if (mkdir(to, 0777) != 0)
        status = hn_fail_errno(err, HONE_IO, "cannot make the folder %s", to);
    for (struct dirent *entry; !status && (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        hn_buffer source = HN_BUFFER_INIT, copy = HN_BUFFER_INIT;
        hn_buffer_printf(&source, "%s/%s", from, entry->d_name);
        hn_buffer_printf(&copy, "%s/%s", to, entry->d_name);
        status = hn_buffer_failed(&source) || hn_buffer_failed(&copy)
                     ? hn_out_of_memory(err)
                     : copy_entry(source.data, copy.data, depth, err);
        hn_buffer_release(&source);
        hn_buffer_release(&copy);
    }
    closedir(folder);
    return status;
}

hone_status hn_copy_tree(const char *from, const char *to, hone_error *err)
{
    hn_buffer part = HN_BUFFER_INIT;
    hn_buffer_printf(&part, "%s.part", to);
    if (hn_buffer_failed(&part))
        return hn_out_of_memory(err);
    hone_status status = hn_remove_tree(part.data, err);
    if (!status)
        status = copy_folder(from, part.data, 0, err);
    if (!status)
        status = hn_remove_tree(to, err);
    if (!status && rename(part.data, to) != 0)
        status = hn_fail_errno(err, HONE_IO, "cannot rename %s to %s", part.data, to);
    if (status)
        hn_remove_tree(part.data, NULL);
    hn_buffer_release(&part);
    return status;
}
