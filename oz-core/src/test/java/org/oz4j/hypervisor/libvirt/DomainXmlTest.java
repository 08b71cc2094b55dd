package org.oz4j.hypervisor.libvirt;

import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.hypervisor.MachineSpec.Nic;
import org.oz4j.hypervisor.MachineSpec.VirtioPort;
import org.oz4j.spi.MachineHints.Clock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MachineHints.Pointer;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class DomainXmlTest {
    private static final Path SCHEMA = Path.of("/usr/share/libvirt/schemas/domain.rng");
    private static final UUID ID = UUID.fromString("6f1d1c0e-3a55-4c0f-9c3e-0d4a4a7b1b11");
    private static final UefiFiles UEFI = new UefiFiles(Path.of("/fw/CODE.fd"), Path.of("/fw/VARS.fd"));
    private static final Set<String> MODES = Set.of("host-passthrough", "maximum");
    private static final DomainXml.Host TCG =
            new DomainXml.Host("qemu", true, Optional.empty(), Optional.of(UEFI), MODES);
    private static final DomainXml.Host KVM =
            new DomainXml.Host("kvm", false, Optional.of("+1000:+1001"), Optional.of(UEFI), MODES);

    private static final Map<String, String> CASES = Map.ofEntries(
            Map.entry("kernel", kernel()),
            Map.entry("cd-stop-on-reboot", cd(true, Arch.X86_64, DiskBus.SCSI)),
            Map.entry("cd-reboots-itself", cd(false, Arch.I386, DiskBus.IDE)),
            Map.entry("uefi-disk", uefi()),
            Map.entry("floppy", floppy()),
            Map.entry("console-input", consoleInput()),
            Map.entry("old-virtio", oldVirtio()),
            Map.entry("aarch64", cd(true, Arch.AARCH64, DiskBus.VIRTIO)),
            Map.entry("aarch64-emulated", emulatedArm()),
            Map.entry("s390x", cd(true, Arch.S390X, DiskBus.VIRTIO)),
            Map.entry("riscv64", riscv()),
            Map.entry(
                    "test-driver",
                    DomainXml.of(
                            spec(new Boot.FromDisk()),
                            new DomainXml.Host("test", false, Optional.empty(), Optional.empty(), MODES))));

    private static Disk disk(String path, ImageFormat format, DiskBus bus) {
        return new Disk(Path.of(path), format, bus, false);
    }

    private static Disk iso(String path) {
        return Disk.cd(Path.of(path));
    }

    private static MachineSpec spec(Boot boot) {
        return MachineSpec.builder("fedora-build", Arch.X86_64)
                .uuid(ID)
                .cpus(2)
                .memoryMiB(2048)
                .boot(boot)
                .disks(List.of(new Disk(Path.of("/w/disk.qcow2"), ImageFormat.QCOW2, DiskBus.VIRTIO, true)))
                .nic(new Nic(NicModel.VIRTIO, new Network.User()))
                .serials(List.of(Path.of("/w/serial0.log"), Path.of("/w/serial1.log")))
                .virtioPorts(List.of(new VirtioPort("org.oz4j.done", Path.of("/w/port.log"))))
                .stopOnReboot(true)
                .build();
    }

    private static String kernel() {
        return DomainXml.of(
                spec(new Boot.Kernel(
                        Path.of("/w/vmlinuz"), Path.of("/w/initrd.gz"), "console=ttyS0 quote=\"a & <b>\"")),
                TCG);
    }

    private static String cd(boolean stopOnReboot, Arch arch, DiskBus bus) {
        return DomainXml.of(
                MachineSpec.builder("cd-build", arch)
                        .uuid(ID)
                        .memoryMiB(512)
                        .boot(new Boot.FromCd())
                        .disks(List.of(disk("/w/disk.dsk", ImageFormat.RAW, bus), iso("/w/a.iso"), iso("/w/b.iso")))
                        .nic(new Nic(NicModel.E1000, new Network.Bridge("br0")))
                        .clock(Clock.LOCALTIME)
                        .pointer(Pointer.USB_TABLET)
                        .stopOnReboot(stopOnReboot)
                        .build(),
                KVM);
    }

    private static String consoleInput() {
        return DomainXml.of(
                spec(new Boot.FromCd()).toBuilder()
                        .consoleInput(Optional.of(Path.of("/w/in")))
                        .build(),
                TCG);
    }

    private static String floppy() {
        return DomainXml.of(
                MachineSpec.builder("floppy", Arch.I386)
                        .uuid(ID)
                        .boot(new Boot.FromCd())
                        .disks(List.of(
                                disk("/w/disk.dsk", ImageFormat.RAW, DiskBus.IDE),
                                iso("/w/a.iso"),
                                Disk.floppy(Path.of("/w/answers.img"))))
                        .build(),
                TCG);
    }

    private static String emulatedArm() {
        return DomainXml.of(
                MachineSpec.builder("arm", Arch.AARCH64)
                        .uuid(ID)
                        .firmware(Firmware.UEFI)
                        .nvram(Optional.of(Path.of("/w/nvram.fd")))
                        .boot(new Boot.Kernel(Path.of("/w/linux"), Path.of("/w/initrd.gz"), "console=ttyAMA0"))
                        .disks(List.of(disk("/w/disk.dsk", ImageFormat.RAW, DiskBus.VIRTIO)))
                        .serials(List.of(Path.of("/w/serial0.log")))
                        .virtioPorts(List.of(new VirtioPort("org.oz4j.success", Path.of("/w/port.log"))))
                        .build(),
                TCG);
    }

    private static String riscv() {
        return DomainXml.of(
                MachineSpec.builder("riscv", Arch.RISCV64)
                        .uuid(ID)
                        .firmware(Firmware.UEFI)
                        .nvram(Optional.of(Path.of("/w/nvram.fd")))
                        .boot(new Boot.FromCd())
                        .disks(List.of(disk("/w/disk.dsk", ImageFormat.RAW, DiskBus.VIRTIO), iso("/w/a.iso")))
                        .nic(new Nic(NicModel.VIRTIO, new Network.User()))
                        .pointer(Pointer.USB_TABLET)
                        .serials(List.of(Path.of("/w/serial0.log")))
                        .virtioPorts(List.of(new VirtioPort("org.oz4j.success", Path.of("/w/port.log"))))
                        .stopOnReboot(true)
                        .build(),
                TCG);
    }

    private static String oldVirtio() {
        return DomainXml.of(
                MachineSpec.builder("old-virtio", Arch.X86_64)
                        .uuid(ID)
                        .disks(List.of(disk("/w/disk.dsk", ImageFormat.RAW, DiskBus.VIRTIO), iso("/w/a.iso")))
                        .oldVirtio(true)
                        .build(),
                TCG);
    }

    private static String uefi() {
        return DomainXml.of(
                MachineSpec.builder("uefi", Arch.X86_64)
                        .uuid(ID)
                        .cpus(4)
                        .memoryMiB(4096)
                        .firmware(Firmware.UEFI)
                        .nvram(Optional.of(Path.of("/w/nvram.fd")))
                        .disks(List.of(
                                disk("/w/a.dsk", ImageFormat.RAW, DiskBus.SATA),
                                disk("/w/b.qcow2", ImageFormat.QCOW2, DiskBus.SCSI),
                                iso("/w/c.iso")))
                        .nic(new Nic(NicModel.VIRTIO, new Network.Libvirt("default")))
                        .serials(List.of(Path.of("/w/serial.log")))
                        .oemStrings(List.of("io.systemd.credential:a=b,c", "second"))
                        .firmwareFiles(
                                Map.of("opt/io.systemd.credentials/b", Path.of("/w/b"), "opt/a", Path.of("/w/a")))
                        .build(),
                KVM);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernel",
                "cd-stop-on-reboot",
                "cd-reboots-itself",
                "uefi-disk",
                "floppy",
                "console-input",
                "old-virtio",
                "aarch64",
                "aarch64-emulated",
                "s390x",
                "riscv64",
                "test-driver"
            })
    void writesTheMachineAsTheGoldenFileHasIt(String name) throws Exception {
        String file = name + ".xml";
        try (InputStream golden = DomainXmlTest.class.getResourceAsStream(file)) {
            String expected = new String(Objects.requireNonNull(golden, file).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(Objects.requireNonNull(CASES.get(name)).strip()).isEqualTo(expected.strip());
        }
    }

    @Test
    void satisfiesLibvirtsOwnSchema() throws Exception {
        assumeTrue(Files.isRegularFile(SCHEMA), "libvirt's schemas (package libvirt0) are not installed");
        List<String> errors = new ArrayList<>();
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new Collector(errors));
        ValidationDriver driver = new ValidationDriver(properties.toPropertyMap());
        assertThat(driver.loadSchema(ValidationDriver.fileInputSource(SCHEMA.toFile())))
                .isTrue();

        for (Map.Entry<String, String> entry : CASES.entrySet()) {
            InputSource source = new InputSource(new StringReader(entry.getValue()));
            source.setSystemId(entry.getKey());
            driver.validate(source);
        }

        assertThat(errors).isEmpty();
    }

    private record Collector(List<String> errors) implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {
            errors.add(e.toString());
        }

        @Override
        public void error(SAXParseException e) {
            errors.add(e.toString());
        }

        @Override
        public void fatalError(SAXParseException e) {
            errors.add(e.toString());
        }
    }

    @Test
    void refusesUefiWhereNoFirmwareIs() {
        MachineSpec bios = spec(new Boot.FromDisk());
        MachineSpec spec = bios.toBuilder()
                .cpus(1)
                .memoryMiB(64)
                .firmware(Firmware.UEFI)
                .nvram(Optional.empty())
                .serials(List.of())
                .virtioPorts(List.of())
                .oemStrings(List.of())
                .stopOnReboot(true)
                .build();

        assertThatThrownBy(() ->
                        DomainXml.of(spec, new DomainXml.Host("qemu", true, Optional.empty(), Optional.empty(), MODES)))
                .hasMessageContaining("UEFI")
                .hasMessageContaining("x86_64");
    }
}
