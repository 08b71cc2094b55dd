package org.oz4j.disk.guestfs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.disk.Application;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.guestfs.GuestfsLibrary.AddDriveOpts;
import org.oz4j.disk.guestfs.GuestfsLibrary.CopyAttributes;
import org.oz4j.disk.guestfs.GuestfsLibrary.StatNs;
import org.oz4j.disk.guestfs.GuestfsLibrary.TarInOpts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Names, structures, sums and archives, without libguestfs. */
class GuestfsPartsTest {
    private static final int WORD = Native.POINTER_SIZE;
    private static final Instant TIME = Instant.parse("2001-02-03T04:05:06.000000007Z");

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "caf\u00e9", "\ud83d\ude00", "\udc80", "a\udcff\udcc3b", "new\nline"})
    void namesSurviveAsBytes(String name) {
        assertThat(GuestNames.decode(GuestNames.encode(name))).isEqualTo(name);
    }

    @Test
    void allBytesSurviveAsNames() {
        byte[] bytes = new byte[3 * 256];
        for (int i = 0; i < 256; i++) {
            bytes[3 * i] = (byte) i;
            bytes[3 * i + 1] = (byte) 0xe2; // which begins a character that does not go on
            bytes[3 * i + 2] = (byte) (255 - i);
        }
        assertThat(GuestNames.encode(GuestNames.decode(bytes))).isEqualTo(bytes);
        assertThat(GuestNames.decode(new byte[] {'a', (byte) 0xff})).isEqualTo("a\udcff");
    }

    @Test
    void halfACharacterIsNoName() {
        assertThatThrownBy(() -> GuestNames.encode("a\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void arraysOfTextsEndWithNull() {
        Memory array = NativeData.texts(List.of("one", "", "\udcff"));

        assertThat(NativeData.text(array.getPointer(0))).isEqualTo("one");
        assertThat(NativeData.text(array.getPointer(WORD))).isEmpty();
        assertThat(NativeData.text(array.getPointer(2L * WORD))).isEqualTo("\udcff");
        assertThat(array.getPointer(3L * WORD)).isNull();
        assertThat(NativeData.texts(List.of()).getPointer(0)).isNull();
    }

    /** A structure of words, of which some are pointers. */
    private static Memory words(Object... words) {
        Memory memory = new Memory((long) words.length * WORD);
        for (int i = 0; i < words.length; i++) {
            if (words[i] instanceof Pointer pointer) {
                memory.setPointer((long) i * WORD, pointer);
            } else {
                memory.setLong((long) i * WORD, ((Number) words[i]).longValue());
            }
        }
        return memory;
    }

    private static Memory bytes(byte... bytes) {
        Memory memory = new Memory(Math.max(1, bytes.length));
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    private static Memory text(String text) {
        return bytes(NativeData.text(text));
    }

    @Test
    void statsAreReadByTheirPlaces() {
        Object[] numbers = new Object[44];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        Memory array = words(numbers);

        List<StatNs> stats = NativeData.stats(words(2, array), 2);

        assertThat(stats).hasSize(2);
        StatNs second = stats.get(1);
        assertThat(List.of(second.st_dev, second.st_ino, second.st_mode, second.st_nlink, second.st_uid, second.st_gid))
                .containsExactly(22L, 23L, 24L, 25L, 26L, 27L);
        assertThat(List.of(second.st_size, second.st_mtime_sec, second.st_mtime_nsec))
                .containsExactly(29L, 34L, 35L);
        assertThat(second.size()).isEqualTo(22 * 8);
    }

    @Test
    void attributesOfSeveralFilesAreToldApart() {
        Memory none = text("");
        Memory zero = text("0");
        Memory two = text("2");
        Memory first = text("user.first");
        Memory second = text("user.second");
        Memory value = bytes((byte) 0, (byte) 255);
        Memory list = words(
                none, 2, two, // the first file has two
                first, 2, value, //
                second, 0, value, //
                none, 2, zero, // the second none
                none, 0, value); // of the third they can't be read
        assertThat(NativeData.xattrsOfSeveral(words(5, list), 3, 5))
                .containsExactly(
                        Map.of("user.first", Bytes.of(new byte[] {0, (byte) 255}), "user.second", Bytes.of("")),
                        Map.of(),
                        Map.of());
        assertThatThrownBy(() -> NativeData.xattrsOfSeveral(words(5, list), 2, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NativeData.xattrsOfSeveral(words(2, list), 1, 5)) // the second is missing
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listsOfWrongLengthAreRefusedBeforeTheyAreRead() {
        Memory small = words(0, 0, 0);
        for (int length : new int[] {-1, 4, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> NativeData.xattrs(words(Integer.toUnsignedLong(length), small), 3))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> NativeData.xattrs(words(1, 0), 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NativeData.xattrs(words(1, words(text("user.large"), 1 << 20, text("x"))), 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(NativeData.xattrs(words(0, 0), 3)).isEmpty();
    }

    @Test
    void packagesAreReadByTheirPlaces() {
        Memory[] texts = new Memory[17];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = text("field " + i);
        }
        Object[] fields = Arrays.copyOf(texts, texts.length, Object[].class);
        fields[2] = 7; // the epoch
        fields[5] = 0; // no architecture

        assertThat(NativeData.applications(words(1, words(fields)), 1))
                .as("with a name for people")
                .containsExactly(new Application(
                        "field 1", 7, "field 3", "field 4", "", "field 10", "field 8", "field 9", "field 11"));
        fields[1] = text("");
        assertThat(NativeData.applications(words(1, words(fields)), 1))
                .extracting(Application::name)
                .containsExactly("field 0");
    }

    @Test
    void optionsAreAsLargeAsTheirStructures() {
        assertThat(new AddDriveOpts().size()).isEqualTo(8 + 8 + 8 + 11 * 8); // int, int at the end share a word
        assertThat(new TarInOpts().size()).isEqualTo(32);
        assertThat(new CopyAttributes().size()).isEqualTo(24);
    }

    @Test
    void sumsAreReadWithTheirStrangeNames() {
        String sum = "0123456789abcdef".repeat(4);

        assertThat(SumLines.parse(List.of(
                        sum + "  ./plain",
                        sum + "  ./a\\b",
                        "\\" + sum + "  ./new\\nline\\\\n\\r",
                        sum + "  -",
                        "cut",
                        "")))
                .containsOnlyKeys("plain", "a\\b", "new\nline\\n\r")
                .containsValue(sum);
    }

    @Test
    void archivesHoldAllAttributes(@TempDir Path folder) throws Exception {
        Path content = Files.write(folder.resolve("content"), "x".repeat(1000).getBytes(StandardCharsets.US_ASCII));
        Attributes attributes =
                new Attributes(04751, 4_000_000_000L, 3, Map.of("user.a=b%", Bytes.of("value")), Optional.empty());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter.file(out, "name", content, attributes, TIME);

        assertThat(out.size() % 512).isZero();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            TarArchiveEntry entry = in.getNextEntry();
            assertThat(entry.getName()).isEqualTo("name");
            assertThat(entry.isFile()).isTrue();
            assertThat(entry.getMode()).isEqualTo(04751);
            assertThat(entry.getLongUserId()).isEqualTo(4_000_000_000L);
            assertThat(entry.getLongGroupId()).isEqualTo(3);
            assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(TIME);
            assertThat(entry.getExtraPaxHeader("SCHILY.xattr.user.a%3Db%25")).isEqualTo("value");
            assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(content));
            assertThat(in.getNextEntry()).isNull();
        }
    }

    @Test
    void archivesHoldLinksAndFolders() throws Exception {
        Attributes attributes = new Attributes(0700, 1, 2);
        String target = "/" + "long/".repeat(100) + "target";
        ByteArrayOutputStream link = new ByteArrayOutputStream();
        TarWriter.link(link, "name", GuestNames.encode(target), attributes, Instant.ofEpochSecond(-1, 250_000_000));
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        TarWriter.folder(made, "name", attributes, TIME);

        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(link.toByteArray()))) {
            TarArchiveEntry entry = in.getNextEntry();
            assertThat(entry.isSymbolicLink()).isTrue();
            assertThat(entry.getLinkName()).isEqualTo(target);
        }
        assertThat(link.toString(StandardCharsets.UTF_8)).contains(" mtime=-0.750000000\n");
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(made.toByteArray()))) {
            assertThat(in.getNextEntry().isDirectory()).isTrue();
        }
    }

    @Test
    void recordsCountTheirOwnLengthAlsoWhereItHasAnotherDigit() throws Exception {
        for (int size = 60; size < 110; size++) {
            Attributes attributes =
                    new Attributes(0, 0, 0, Map.of("user.x", Bytes.of("v".repeat(size))), Optional.empty());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TarWriter.folder(out, "name", attributes, TIME);
            try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
                assertThat(in.getNextEntry().getExtraPaxHeader("SCHILY.xattr.user.x"))
                        .hasSize(size);
            }
        }
    }
}
