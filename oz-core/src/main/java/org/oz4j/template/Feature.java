package org.oz4j.template;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a template of version 1.1 may ask of an operating system, and not every one can give. */
public enum Feature {
    /** To start by BIOS. */
    BIOS("os/firmware bios"),
    /** To start by UEFI. */
    UEFI("os/firmware uefi"),
    /** To start signed code only. */
    SECURE_BOOT("os/secureboot"),
    /** A trusted platform module. */
    TPM("os/tpm"),
    /** Accounts beside root. */
    USERS("os/users"),
    /** Keys for root. */
    SSH_KEYS("os/ssh-keys"),
    /** A locale. */
    LOCALE("os/locale"),
    /** A keyboard layout. */
    KEYBOARD("os/keyboard"),
    /** A time zone. */
    TIMEZONE("os/timezone"),
    /** A host name. */
    HOSTNAME("os/hostname"),
    /** Partitions of one's own. */
    LAYOUT("disk/layout"),
    /** Logical volumes of one's own. */
    VOLUME_GROUPS("disk/layout/volume-group"),
    /** A file system ext2 in a layout. */
    EXT2("disk/layout filesystem ext2"),
    /** A file system ext3 in a layout. */
    EXT3("disk/layout filesystem ext3"),
    /** A file system ext4 in a layout. */
    EXT4("disk/layout filesystem ext4"),
    /** A file system XFS in a layout. */
    XFS("disk/layout filesystem xfs"),
    /** A file system Btrfs in a layout. */
    BTRFS("disk/layout filesystem btrfs"),
    /** A file system FAT in a layout. */
    VFAT("disk/layout filesystem vfat"),
    /** A file system NTFS in a layout. */
    NTFS("disk/layout filesystem ntfs"),
    /** Text added to the answer file. */
    APPEND("auto/append");

    private final String element;

    Feature(String element) {
        this.element = element;
    }

    /** What a template writes to ask for it. */
    public String element() {
        return element;
    }

    /** What a template asks for. */
    public static Set<Feature> askedBy(Template template) {
        Set<Feature> asked = EnumSet.noneOf(Feature.class);
        Template.Platform platform = template.os().platform();
        platform.firmware().ifPresent(firmware -> asked.add(firmware == org.oz4j.Firmware.UEFI ? UEFI : BIOS));
        add(asked, SECURE_BOOT, platform.secureBoot());
        add(asked, TPM, platform.tpm().isPresent());
        Template.Setup setup = template.os().setup();
        add(asked, USERS, !setup.users().isEmpty());
        add(asked, SSH_KEYS, !setup.sshKeys().isEmpty());
        add(asked, LOCALE, setup.locale().isPresent());
        add(asked, KEYBOARD, setup.keyboard().isPresent());
        add(asked, TIMEZONE, setup.timezone().isPresent());
        add(asked, HOSTNAME, setup.hostname().isPresent());
        for (Template.Layout layout : template.disks().stream()
                .flatMap(disk -> disk.layout().stream())
                .toList()) {
            asked.add(LAYOUT);
            add(asked, VOLUME_GROUPS, !layout.groups().isEmpty());
            Stream.concat(
                            layout.partitions().stream(),
                            layout.groups().stream().flatMap(group -> group.volumes().stream()))
                    .flatMap(partition -> of(partition.filesystem()).stream())
                    .forEach(asked::add);
        }
        add(asked, APPEND, template.answers().append().isPresent());
        return asked;
    }

    /** The feature of a file system; empty for swap, which all have. */
    static Optional<Feature> of(String filesystem) {
        return Arrays.stream(values())
                .filter(feature -> feature.element.equals("disk/layout filesystem " + filesystem))
                .findFirst();
    }

    private static void add(Set<Feature> asked, Feature feature, boolean wanted) {
        if (wanted) {
            asked.add(feature);
        }
    }
}
