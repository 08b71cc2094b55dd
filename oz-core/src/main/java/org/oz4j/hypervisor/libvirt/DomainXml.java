package org.oz4j.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.hypervisor.MachineSpec.Disk.Kind;
import org.oz4j.hypervisor.MachineSpec.Nic;
import org.oz4j.hypervisor.MachineSpec.VirtioPort;
import org.oz4j.spi.MachineHints.Clock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.Pointer;

/** Writes a machine as libvirt's domain XML. */
final class DomainXml {
    /**
     * What the hypervisor adds to the machine.
     *
     * @param type the domain's type: {@code kvm}, {@code qemu} or {@code test}
     * @param unlabelled whether the driver labels no files, as the embedded one
     * @param runAs whom QEMU runs as, as in {@code +1000:+1000}, with its files left to their owners; empty for whom the
     *     hypervisor chooses
     * @param uefi the firmware's files, where there are any
     * @param cpuModes the modes of processors that it supports
     */
    record Host(
            String type, boolean unlabelled, Optional<String> runAs, Optional<UefiFiles> uefi, Set<String> cpuModes) {}

    private final MachineSpec spec;
    private final Host host;
    private final Map<DiskBus, Integer> used = new EnumMap<>(DiskBus.class);

    private DomainXml(MachineSpec spec, Host host) {
        this.spec = spec;
        this.host = host;
    }

    /**
     * The machine's description.
     *
     * @throws IllegalArgumentException where it needs UEFI and there is none, or a name more than once
     */
    static String of(MachineSpec spec, Host host) {
        return new DomainXml(spec, host).write();
    }

    /** An external snapshot of one disk, as in libvirt's formatsnapshot: a disk is named by its file too. */
    static String snapshot(Path disk, Path overlay) {
        Xml snapshot = Xml.root("domainsnapshot");
        Xml changed =
                snapshot.add("disks").add("disk").with("name", disk.toString()).with("snapshot", "external");
        changed.add("driver").with("type", ImageFormat.QCOW2.label());
        changed.add("source").with("file", overlay.toString());
        return snapshot.document();
    }

    private String write() {
        Xml domain = Xml.root("domain").with("type", host.type());
        domain.add("name").text(spec.name());
        domain.add("uuid").text(spec.uuid().toString());
        domain.add("memory").with("unit", "MiB").text(Integer.toString(spec.memoryMiB()));
        domain.add("vcpu").text(Integer.toString(spec.cpus()));
        if (host.type().equals("test")) {
            Xml os = domain.add("os");
            os.add("type").with("arch", archName(spec.arch())).text("hvm");
            Xml devices = domain.add("devices");
            spec.disks().forEach(disk -> disk(devices, disk));
            spec.nic().ifPresent(nic -> nic(devices, nic));
            return domain.document();
        }
        if (!spec.oemStrings().isEmpty()) {
            Xml strings = domain.add("sysinfo").with("type", "smbios").add("oemStrings");
            spec.oemStrings().forEach(string -> strings.add("entry").text(string));
        }
        if (!spec.firmwareFiles().isEmpty()) {
            Xml files = domain.add("sysinfo").with("type", "fwcfg");
            new TreeMap<>(spec.firmwareFiles())
                    .forEach((name, file) ->
                            files.add("entry").with("name", name).with("file", file.toString()));
        }
        os(domain.add("os"));
        if (spec.arch().isX86()) {
            Xml features = domain.add("features");
            features.add("acpi");
            features.add("apic");
        } else if (spec.firmware() == Firmware.UEFI && spec.arch() != Arch.RISCV64) {
            // RISC-V's are described by a device tree, which every kernel of theirs reads (README of qemu-efi-riscv64).
            domain.add("features").add("acpi");
        }
        cpu(domain);
        domain.add("clock").with("offset", spec.clock() == Clock.UTC ? "utc" : "localtime");
        domain.add("on_poweroff").text("destroy");
        domain.add("on_reboot").text(spec.stopOnReboot() ? "destroy" : "restart");
        domain.add("on_crash").text("destroy");
        devices(domain.add("devices"));
        if (host.unlabelled()) {
            domain.add("seclabel").with("type", "none");
        }
        host.runAs().ifPresent(owner -> domain.add("seclabel")
                .with("type", "static")
                .with("model", "dac")
                .with("relabel", "no")
                .add("label")
                .text(owner));
        return domain.document();
    }

    private void os(Xml os) {
        os.add("type")
                .with("arch", archName(spec.arch()))
                .with("machine", machine())
                .text("hvm");
        if (spec.firmware() == Firmware.UEFI) {
            UefiFiles files = host.uefi()
                    .orElseThrow(() -> new IllegalArgumentException("there is no UEFI firmware for " + spec.arch()));
            os.add("loader")
                    .with("readonly", "yes")
                    .with("type", "pflash")
                    .text(files.code().toString());
            Xml nvram = os.add("nvram").with("template", files.variables().toString());
            spec.nvram().ifPresent(path -> nvram.text(path.toString()));
        }
        if (spec.boot() instanceof Boot.Kernel kernel) {
            os.add("kernel").text(kernel.kernel().toString());
            os.add("initrd").text(kernel.initrd().toString());
            os.add("cmdline").text(kernel.arguments());
        }
        if (!spec.oemStrings().isEmpty()) {
            os.add("smbios").with("mode", "sysinfo");
        }
    }

    /** All that the host's processor can, or all that QEMU can; QEMU's default, which is little, where neither is to be had. */
    private void cpu(Xml domain) {
        if (spec.arch() == Arch.AARCH64 && !host.type().equals("kvm")) {
            // QEMU's "max" signs pointers by a cipher that takes most of the time ("pauth" in its "Arm CPU Features").
            Xml cpu = domain.add("cpu")
                    .with("mode", "custom")
                    .with("match", "exact")
                    .with("check", "none");
            cpu.add("model").with("fallback", "forbid").text("cortex-a72");
            return;
        }
        String mode = host.type().equals("kvm") ? "host-passthrough" : "maximum";
        if (host.cpuModes().contains(mode)) {
            domain.add("cpu").with("mode", mode);
        }
    }

    private void devices(Xml devices) {
        spec.disks().forEach(disk -> disk(devices, disk));
        if (used.containsKey(DiskBus.SCSI)) {
            devices.add("controller").with("type", "scsi").with("index", "0").with("model", "virtio-scsi");
        }
        spec.nic().ifPresent(nic -> nic(devices, nic));
        for (int port = 0; port < spec.serials().size(); port++) {
            Xml serial = devices.add("serial");
            String log = spec.serials().get(port).toString();
            // appended to: an installer's machine starts anew at each of its reboots
            if (port == 0 && spec.consoleInput().isPresent()) {
                serial.with("type", "unix")
                        .add("source")
                        .with("mode", "bind")
                        .with("path", spec.consoleInput().get().toString());
                serial.add("log").with("file", log).with("append", "on");
            } else {
                serial.with("type", "file").add("source").with("path", log).with("append", "on");
            }
            serial.add("target").with("port", Integer.toString(port));
        }
        if (spec.serials().isEmpty() && !host.type().equals("test")) {
            // A console for "virsh console", as many systems that were installed over a serial line use no other.
            devices.add("serial").with("type", "pty").add("target").with("port", "0");
        }
        for (VirtioPort port : spec.virtioPorts()) {
            Xml channel = devices.add("channel").with("type", "file");
            channel.add("source").with("path", port.log().toString()).with("append", "on");
            channel.add("target").with("type", "virtio").with("name", port.name());
        }
        if (spec.agent()) {
            // libvirt makes the socket, and talks to the agent itself
            devices.add("channel")
                    .with("type", "unix")
                    .add("target")
                    .with("type", "virtio")
                    .with("name", "org.qemu.guest_agent.0");
        }
        if (spec.pointer() == Pointer.USB_TABLET) {
            devices.add("controller").with("type", "usb").with("model", "qemu-xhci");
            devices.add("input").with("type", "tablet").with("bus", "usb");
        }
        if (spec.arch() != Arch.S390X) {
            String model =
                    spec.arch().isX86() || spec.arch() == Arch.PPC64 || spec.arch() == Arch.PPC64LE ? "vga" : "virtio";
            devices.add("video").add("model").with("type", model); // no listener: a screenshot needs none
        }
        devices.add("rng")
                .with("model", "virtio")
                .add("backend")
                .with("model", "random")
                .text("/dev/urandom");
        devices.add("memballoon").with("model", "none");
    }

    private void disk(Xml devices, Disk disk) {
        String device =
                switch (disk.kind()) {
                    case HARD_DISK -> "disk";
                    case CD -> "cdrom";
                    case FLOPPY -> "floppy";
                };
        Xml element = devices.add("disk").with("type", "file").with("device", device);
        Xml driver = element.add("driver")
                .with("name", "qemu")
                .with("type", disk.format().label());
        if (disk.isHardDisk()) {
            if (disk.disposable()) {
                driver.with("cache", "unsafe");
            }
            driver.with("discard", "unmap");
        }
        element.add("source").with("file", disk.path().toString());
        Xml target = element.add("target");
        if (disk.kind() == Kind.FLOPPY) {
            target.with("dev", "fda").with("bus", "fdc");
        } else {
            DiskBus bus = disk.kind() == Kind.CD ? cdBus() : disk.bus();
            target.with("dev", nextName(bus)).with("bus", bus.label());
        }
        if (!disk.isHardDisk()) {
            element.add("readonly");
        }
        bootOrder(disk).ifPresent(order -> element.add("boot").with("order", Integer.toString(order)));
    }

    private Optional<Integer> bootOrder(Disk disk) {
        List<Disk> alike = spec.disks().stream()
                .filter(other -> other.kind() == disk.kind())
                .toList();
        if (disk.kind() == Kind.FLOPPY
                || !alike.get(0).equals(disk)
                || spec.boot() instanceof Boot.Kernel
                || host.type().equals("test")) {
            return Optional.empty();
        }
        if (spec.boot() instanceof Boot.FromDisk) {
            return disk.isHardDisk() ? Optional.of(1) : Optional.empty();
        }
        // A guest that reboots itself must come up from its disk. libvirt can't say "once from the CD", but firmware
        // passes by a disk with nothing to boot on it yet.
        boolean cdFirst = spec.stopOnReboot();
        return Optional.of((disk.kind() == Kind.CD) == cdFirst ? 1 : 2);
    }

    /** The next free name of disks on that bus; buses may share a prefix. */
    private String nextName(DiskBus bus) {
        int index = 0;
        for (Map.Entry<DiskBus, Integer> entry : used.entrySet()) {
            index += entry.getKey().prefix().equals(bus.prefix()) ? entry.getValue() : 0;
        }
        if (index > 25) {
            throw new IllegalArgumentException("a machine has 26 disks on one bus at most");
        }
        used.merge(bus, 1, Integer::sum);
        return bus.prefix() + (char) ('a' + index);
    }

    private void nic(Xml devices, Nic nic) {
        Xml element = devices.add("interface");
        if (nic.network() instanceof Network.Libvirt network) {
            element.with("type", "network").add("source").with("network", network.name());
        } else if (nic.network() instanceof Network.Bridge bridge) {
            element.with("type", "bridge").add("source").with("bridge", bridge.name());
        } else {
            element.with("type", "user");
        }
        nic.mac().ifPresent(mac -> element.add("mac").with("address", mac));
        element.add("model").with("type", nic.model().label());
    }

    private DiskBus cdBus() {
        if (!spec.arch().isX86()) {
            return DiskBus.SCSI;
        }
        return isOldPc() ? DiskBus.IDE : DiskBus.SATA;
    }

    private String machine() {
        return switch (spec.arch()) {
            case I386, X86_64 -> isOldPc() ? "pc" : "q35";
            case PPC64, PPC64LE -> "pseries";
            case AARCH64, ARMV7L, RISCV64 -> "virt";
            case S390X -> "s390-ccw-virtio";
        };
    }

    /** Q35 has no IDE, and virtio 1.0 alone; UEFI firmware is made for it. */
    private boolean isOldPc() {
        return hasIde() || (spec.oldVirtio() && spec.firmware() == Firmware.BIOS);
    }

    private boolean hasIde() {
        return spec.disks().stream().anyMatch(disk -> disk.isHardDisk() && disk.bus() == DiskBus.IDE);
    }

    /** What libvirt calls the architecture. */
    static String archName(Arch arch) {
        return arch == Arch.I386 ? "i686" : arch.toString();
    }
}
