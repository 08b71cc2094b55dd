package org.oz4j.template;

import java.util.EnumSet;
import java.util.Set;

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
        add(asked, LAYOUT, template.disks().stream().anyMatch(disk -> disk.layout()
                .isPresent()));
        add(
                asked,
                VOLUME_GROUPS,
                template.disks().stream()
                        .flatMap(disk -> disk.layout().stream())
                        .anyMatch(layout -> !layout.groups().isEmpty()));
        add(asked, APPEND, template.answers().append().isPresent());
        return asked;
    }

    private static void add(Set<Feature> asked, Feature feature, boolean wanted) {
        if (wanted) {
            asked.add(feature);
        }
    }
}
