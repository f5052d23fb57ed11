/* os_mount.c: what kind of file system a path is on (os_file.h). */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/memory.h"
#include "base/os_file.h"

/* f_type of statfs(2); numbers from that manual page and linux/magic.h. */
static const struct {
    unsigned long magic;
    const char *name;
} network_file_systems[] = {
    {0x6969, "NFS"},      {0x517B, "SMB"},        {0xFF534D42, "CIFS"}, {0xFE534D42, "SMB2"},
    {0x01021997, "9p"},   {0x00C36400, "Ceph"},   {0x5346414F, "AFS"},  {0x6B414653, "AFS"},
    {0x73757245, "Coda"}, {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"}, {0x19830326, "BeeGFS"},
};

enum { FUSE_MAGIC = 0x65735546 };

/* FUSE carries local file systems too: the type in the mount table tells. */
static const char *const network_fuse[] = {
    "fuse.sshfs",  "fuse.s3fs",    "fuse.rclone",    "fuse.glusterfs", "fuse.gcsfuse",
    "fuse.davfs2", "fuse.juicefs", "fuse.curlftpfs", "fuse.smbnetfs",  "fuse.ceph-fuse",
    "fuse.mfs",    "virtiofs",     "fuse.goofys",    "fuse.mount-s3",  "fuse.blobfuse2",
};

/* One line of mountinfo (proc(5)): "36 35 98:0 root point options ... - type source options". */
static const char *network_type_of_mount(const char *line, unsigned major_number, unsigned minor_number)
{
    unsigned found_major, found_minor;
    const char *type = strstr(line, " - ");
    /* lint: allow sscanf: decimal integers, the same in every locale */
    if (type == NULL || sscanf(line, "%*u %*u %u:%u", &found_major, &found_minor) != 2 ||
        found_major != major_number || found_minor != minor_number)
        return NULL;
    type += 3;
    size_t size = strcspn(type, " ");
    for (size_t i = 0; i < sizeof network_fuse / sizeof network_fuse[0]; i++)
        if (strlen(network_fuse[i]) == size && memcmp(type, network_fuse[i], size) == 0)
            return network_fuse[i];
    return NULL;
}

static const char *network_fuse_of(const char *path)
{
    struct stat info;
    FILE *mounts = stat(path, &info) == 0 ? fopen("/proc/self/mountinfo", "re") : NULL;
    if (mounts == NULL)
        return NULL;
    const char *found = NULL;
    char line[4096];
    while (found == NULL && fgets(line, sizeof line, mounts) != NULL)
        found = network_type_of_mount(line, major(info.st_dev), minor(info.st_dev));
    fclose(mounts);
    return found;
}

/* A path that does not exist yet is judged by the nearest folder above it that does. */
static int statfs_nearest(char *path, struct statfs *info)
{
    while (statfs(path, info) != 0) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || path[1] == '\0') {
            if (strcmp(path, ".") == 0 || path[0] == '/')
                return -1;
            memcpy(path, ".", 2);
        } else {
            slash[slash == path] = '\0';
        }
    }
    return 0;
}

bool hn_is_network_filesystem(const char *path, const char **name)
{
    struct statfs info;
    const char *found = NULL;
    size_t size = strlen(path);
    char *existing = hn_malloc(size + 2); /* room for "." */
    if (existing == NULL)
        return false;
    memcpy(existing, path, size + 1);
    if (statfs_nearest(existing, &info) == 0) {
        unsigned long magic = (unsigned long)info.f_type & 0xFFFFFFFFu;
        for (size_t i = 0; i < sizeof network_file_systems / sizeof network_file_systems[0]; i++)
            if (network_file_systems[i].magic == magic)
                found = network_file_systems[i].name;
        if (magic == FUSE_MAGIC)
            found = network_fuse_of(existing);
    }
    hn_free(existing);
    if (found != NULL && name != NULL)
        *name = found;
    return found != NULL;
}
