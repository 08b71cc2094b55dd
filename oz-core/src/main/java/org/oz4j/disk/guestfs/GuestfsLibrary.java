package org.oz4j.disk.guestfs;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import com.sun.jna.ptr.LongByReference;
import org.jspecify.annotations.Nullable;

/**
 * What we use of libguestfs.so.0, by the names and in the shapes of its guestfs.h, on hosts of 64 bits.
 *
 * <p>Texts are bytes that end with a NUL, since names need not be UTF-8. A function that gives an int gives -1 where it
 * fails, one that gives a pointer NULL; what it points to is ours to free.
 *
 * <p>Source: guestfs(3).
 */
@SuppressWarnings({"MemberName", "checkstyle:MethodName"}) // C's names
interface GuestfsLibrary extends Library {
    int CREATE_NO_ENVIRONMENT = 1;
    int CREATE_NO_CLOSE_ON_EXIT = 2;
    long EVENT_APPLIANCE = 0x10;
    long EVENT_LIBRARY = 0x20;

    /** guestfs_event_callback. */
    interface EventCallback extends Callback {
        void invoke(
                Pointer g,
                @Nullable Pointer opaque,
                long event,
                int handle,
                int flags,
                @Nullable Pointer text,
                long length,
                @Nullable Pointer array,
                long arrayLength);
    }

    /** The head of each list of structures, as in struct guestfs_xattr_list. */
    @FieldOrder({"len", "val"})
    final class ListHead extends Structure {
        public int len;
        public @Nullable Pointer val;

        public ListHead(Pointer memory) {
            super(memory);
            read();
        }
    }

    /** struct guestfs_xattr. */
    @FieldOrder({"attrname", "attrval_len", "attrval"})
    final class Xattr extends Structure {
        public @Nullable Pointer attrname;
        public int attrval_len;
        public @Nullable Pointer attrval;

        public Xattr(Pointer memory) {
            super(memory);
            read();
        }
    }

    /** struct guestfs_statns. */
    @FieldOrder({
        "st_dev",
        "st_ino",
        "st_mode",
        "st_nlink",
        "st_uid",
        "st_gid",
        "st_rdev",
        "st_size",
        "st_blksize",
        "st_blocks",
        "st_atime_sec",
        "st_atime_nsec",
        "st_mtime_sec",
        "st_mtime_nsec",
        "st_ctime_sec",
        "st_ctime_nsec",
        "st_spare"
    })
    final class StatNs extends Structure {
        public long st_dev;
        public long st_ino;
        public long st_mode;
        public long st_nlink;
        public long st_uid;
        public long st_gid;
        public long st_rdev;
        public long st_size;
        public long st_blksize;
        public long st_blocks;
        public long st_atime_sec;
        public long st_atime_nsec;
        public long st_mtime_sec;
        public long st_mtime_nsec;
        public long st_ctime_sec;
        public long st_ctime_nsec;
        public long[] st_spare = new long[6];

        public StatNs(Pointer memory) {
            super(memory);
            read();
        }
    }

    /** struct guestfs_application2. */
    @FieldOrder({
        "app2_name",
        "app2_display_name",
        "app2_epoch",
        "app2_version",
        "app2_release",
        "app2_arch",
        "app2_install_path",
        "app2_trans_path",
        "app2_publisher",
        "app2_url",
        "app2_source_package",
        "app2_summary",
        "app2_description",
        "app2_spare"
    })
    final class Application2 extends Structure {
        public @Nullable Pointer app2_name;
        public @Nullable Pointer app2_display_name;
        public int app2_epoch;
        public @Nullable Pointer app2_version;
        public @Nullable Pointer app2_release;
        public @Nullable Pointer app2_arch;
        public @Nullable Pointer app2_install_path;
        public @Nullable Pointer app2_trans_path;
        public @Nullable Pointer app2_publisher;
        public @Nullable Pointer app2_url;
        public @Nullable Pointer app2_source_package;
        public @Nullable Pointer app2_summary;
        public @Nullable Pointer app2_description;
        public Pointer[] app2_spare = new Pointer[4];

        public Application2(Pointer memory) {
            super(memory);
            read();
        }
    }

    /** struct guestfs_add_drive_opts_argv, of which only what {@code bitmask} names is read: bits 0 and 1. */
    @FieldOrder({"bitmask", "readonly", "format", "rest"})
    final class AddDriveOpts extends Structure {
        public long bitmask = 0b11;
        public int readonly;
        public @Nullable Pointer format;
        public Pointer[] rest = new Pointer[11];
    }

    /** struct guestfs_tar_in_opts_argv; {@code bitmask} names bit 1. */
    @FieldOrder({"bitmask", "compress", "xattrs", "selinux", "acls"})
    final class TarInOpts extends Structure {
        public long bitmask = 0b10;
        public @Nullable Pointer compress;
        public int xattrs = 1;
        public int selinux;
        public int acls;
    }

    /** struct guestfs_copy_attributes_argv; {@code bitmask} names bit 2. */
    @FieldOrder({"bitmask", "all", "mode", "xattributes", "ownership"})
    final class CopyAttributes extends Structure {
        public long bitmask = 0b100;
        public int all;
        public int mode;
        public int xattributes = 1;
        public int ownership;
    }

    @Nullable
    Pointer guestfs_create_flags(int flags, Object... none);

    void guestfs_close(Pointer g);

    void guestfs_set_error_handler(Pointer g, @Nullable Pointer callback, @Nullable Pointer opaque);

    int guestfs_set_event_callback(Pointer g, EventCallback callback, long events, int flags, @Nullable Pointer opaque);

    int guestfs_parse_environment(Pointer g);

    @Nullable
    Pointer guestfs_last_error(Pointer g);

    int guestfs_last_errno(Pointer g);

    int guestfs_set_backend(Pointer g, byte[] backend);

    int guestfs_set_backend_settings(Pointer g, Pointer settings);

    int guestfs_set_tmpdir(Pointer g, byte[] folder);

    int guestfs_add_drive_opts_argv(Pointer g, byte[] file, AddDriveOpts options);

    int guestfs_launch(Pointer g);

    int guestfs_shutdown(Pointer g);

    int guestfs_sync(Pointer g);

    @Nullable
    Pointer guestfs_inspect_os(Pointer g);

    @Nullable
    Pointer guestfs_inspect_get_mountpoints(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_type(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_distro(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_product_name(Pointer g, byte[] root);

    int guestfs_inspect_get_major_version(Pointer g, byte[] root);

    int guestfs_inspect_get_minor_version(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_package_format(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_package_management(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_get_arch(Pointer g, byte[] root);

    @Nullable
    Pointer guestfs_inspect_list_applications2(Pointer g, byte[] root);

    void guestfs_free_application2_list(Pointer list);

    @Nullable
    Pointer guestfs_list_filesystems(Pointer g);

    int guestfs_mount_options(Pointer g, byte[] options, byte[] device, byte[] path);

    @Nullable
    Pointer guestfs_lstatns(Pointer g, byte[] path);

    void guestfs_free_statns(Pointer stat);

    @Nullable
    Pointer guestfs_lstatnslist(Pointer g, byte[] folder, Pointer names);

    void guestfs_free_statns_list(Pointer list);

    @Nullable
    Pointer guestfs_readlink(Pointer g, byte[] path);

    @Nullable
    Pointer guestfs_readlinklist(Pointer g, byte[] folder, Pointer names);

    @Nullable
    Pointer guestfs_realpath(Pointer g, byte[] path);

    @Nullable
    Pointer guestfs_vfs_type(Pointer g, byte[] device);

    @Nullable
    Pointer guestfs_lgetxattrs(Pointer g, byte[] path);

    @Nullable
    Pointer guestfs_lgetxattr(Pointer g, byte[] path, byte[] name, LongByReference size);

    @Nullable
    Pointer guestfs_lxattrlist(Pointer g, byte[] folder, Pointer names);

    void guestfs_free_xattr_list(Pointer list);

    int guestfs_lsetxattr(Pointer g, byte[] name, byte[] value, int length, byte[] path);

    int guestfs_lremovexattr(Pointer g, byte[] name, byte[] path);

    @Nullable
    Pointer guestfs_read_file(Pointer g, byte[] path, LongByReference size);

    int guestfs_download(Pointer g, byte[] path, byte[] file);

    int guestfs_tar_in_opts_argv(Pointer g, byte[] archive, byte[] folder, TarInOpts options);

    int guestfs_copy_attributes_argv(Pointer g, byte[] from, byte[] to, CopyAttributes options);

    @Nullable
    Pointer guestfs_checksum(Pointer g, byte[] kind, byte[] path);

    int guestfs_checksums_out(Pointer g, byte[] kind, byte[] folder, byte[] file);

    int guestfs_find0(Pointer g, byte[] folder, byte[] file);

    int guestfs_ls0(Pointer g, byte[] folder, byte[] file);

    int guestfs_rename(Pointer g, byte[] from, byte[] to);

    int guestfs_rm(Pointer g, byte[] path);

    int guestfs_rmdir(Pointer g, byte[] path);

    int guestfs_chmod(Pointer g, int mode, byte[] path);

    int guestfs_lchown(Pointer g, int uid, int gid, byte[] path);
}
