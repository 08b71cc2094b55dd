package org.oz4j.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.commons.codec.digest.DigestUtils;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.ImageFormat;
import org.oz4j.MediaException;
import org.oz4j.disk.DiskImages;
import org.oz4j.media.Checksum;
import org.oz4j.media.MediaStore;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.media.Stored;
import org.oz4j.media.TransferListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What every {@link MediaStore} does; extend it for one of your own, or for ours on a file system of another kind than you
 * have used before.
 */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields in
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class MediaStoreContract {
    private static final byte[] MEDIUM = new byte[300_000];
    private static final Optional<Checksum> SUM;

    static {
        Arrays.fill(MEDIUM, (byte) 'm');
        SUM = Optional.of(new Checksum("SHA-256", DigestUtils.sha256Hex(MEDIUM)));
    }

    /** A folder for the files of a test. */
    @TempDir
    protected Path folder;

    private final FakeMirror mirror = FakeMirror.start();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private MediaStore store;

    /** Opens the store as another program would: what is kept by one that was opened before in the same test is in it. */
    protected abstract MediaStore open() throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        mirror.file("/medium.iso", MEDIUM);
        store = open();
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        mirror.close();
    }

    private static Stored fetch(MediaStore from, Optional<Checksum> sum, URI... locations) throws Exception {
        return from.fetch(List.of(locations), sum, Kind.MEDIA, TransferListener.NONE);
    }

    private URI medium() {
        return mirror.uri("/medium.iso");
    }

    private long downloads(String path) {
        return mirror.requests().stream()
                .filter(request -> request.startsWith("GET " + path))
                .count();
    }

    @Test
    void aFileIsFetchedAndStays() throws Exception {
        try (Stored file = fetch(store, SUM, medium())) {
            assertThat(file.path()).hasBinaryContent(MEDIUM);
            assertThat(file.sha256().orElse(SUM.get().hex()))
                    .isEqualTo(SUM.get().hex());
        }

        assertThat(store.kept())
                .filteredOn(kept -> kept.kind() == Kind.MEDIA)
                .extracting(MediaStore.Kept::name)
                .containsExactly("medium.iso");
    }

    @Test
    void whatIsKeptIsNotFetchedAgainWhereItsSumFitsWhateverItsAddress() throws Exception {
        fetch(store, SUM, medium()).close();
        mirror.notFound("/elsewhere.iso");

        try (Stored file = fetch(open(), SUM, mirror.uri("/elsewhere.iso"))) {
            assertThat(file.path()).hasBinaryContent(MEDIUM);
        }
        assertThat(downloads("/medium.iso")).isEqualTo(1);
    }

    @Test
    void withoutASumTheServersFileIsServedAlsoOnceItHasChanged() throws Exception {
        fetch(store, Optional.empty(), medium()).close();
        mirror.file("/medium.iso", "another");

        try (Stored file = fetch(open(), Optional.empty(), medium())) {
            assertThat(file.path()).hasContent("another");
        }
    }

    @Test
    void aFileThatIsNotWhatItsSumPromisesIsNeverServed() throws Exception {
        mirror.file("/medium.iso", "wrong");

        assertThatThrownBy(() -> fetch(store, SUM, medium()))
                .asInstanceOf(InstanceOfAssertFactories.type(MediaException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(MediaException.Kind.CHECKSUM_MISMATCH))
                .satisfies(e -> assertThat(e).hasMessageContaining(SUM.get().hex()));

        mirror.file("/medium.iso", MEDIUM);
        try (Stored file = fetch(open(), SUM, medium())) {
            assertThat(file.path()).hasBinaryContent(MEDIUM);
        }
    }

    @Test
    void aFileThatIsNowhereIsToldOf() {
        mirror.notFound("/medium.iso");

        assertThatThrownBy(() -> fetch(store, SUM, medium()))
                .asInstanceOf(InstanceOfAssertFactories.type(MediaException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(MediaException.Kind.NOT_FOUND))
                .satisfies(e -> assertThat(e).hasMessageContaining("medium.iso"));
    }

    @Test
    void anotherMirrorIsTriedWhereTheFirstFails() throws Exception {
        mirror.notFound("/gone.iso");

        try (Stored file = fetch(store, SUM, mirror.uri("/gone.iso"), medium())) {
            assertThat(file.path()).hasBinaryContent(MEDIUM);
        }
    }

    @Test
    void aFileOfTheHostIsUsedWhereItLies() throws Exception {
        Path file = Files.write(folder.resolve("own.iso"), MEDIUM);

        try (Stored used = fetch(store, SUM, file.toUri())) {
            assertThat(used.path()).isEqualTo(file);
        }
        assertThat(file).hasBinaryContent(MEDIUM);
        assertThat(store.kept()).isEmpty();
    }

    @Test
    void oneFileIsFetchedOnceForTwoWhoAskAtOnce() throws Exception {
        MediaStore other = open();
        CountDownLatch ready = new CountDownLatch(2);
        Future<byte[]> first = atOnce(ready, () -> read(fetch(store, SUM, medium())));
        Future<byte[]> second = atOnce(ready, () -> read(fetch(other, SUM, medium())));

        assertThat(first.get()).isEqualTo(MEDIUM);
        assertThat(second.get()).isEqualTo(MEDIUM);
        assertThat(downloads("/medium.iso")).isEqualTo(1);
    }

    private <T> Future<T> atOnce(CountDownLatch ready, Callable<T> work) {
        return threads.submit(() -> {
            ready.countDown();
            ready.await();
            return work.call();
        });
    }

    private static byte[] read(Stored file) throws IOException {
        try (file) {
            return Files.readAllBytes(file.path());
        }
    }

    @Test
    void anInterruptEndsAFetchAndAnotherGoesThrough() throws Exception {
        mirror.stallsAfter("/medium.iso", 100_000);
        CountDownLatch moving = new CountDownLatch(1);
        Future<?> stalled = threads.submit(
                () -> store.fetch(List.of(medium()), SUM, Kind.MEDIA, (done, total) -> moving.countDown()));
        moving.await();

        stalled.cancel(true);

        mirror.heals("/medium.iso");
        try (Stored file = fetch(open(), SUM, medium())) {
            assertThat(file.path()).hasBinaryContent(MEDIUM);
        }
    }

    @Test
    void aThingIsMadeOnce() throws Exception {
        assertThat(store.made(Kind.MODIFIED, "thing")).isEmpty();
        makeThing(store, "first").close();

        try (Stored again = makeThing(open(), "second");
                Stored found = store.made(Kind.MODIFIED, "thing").orElseThrow()) {
            assertThat(again.path().resolve("file")).hasContent("first");
            assertThat(found.path().resolve("file")).hasContent("first");
        }
        assertThat(store.made(Kind.MODIFIED, "other")).isEmpty();
        assertThat(store.made(Kind.INSTALLED, "thing")).isEmpty();
    }

    private static Stored makeThing(MediaStore in, String content) throws Exception {
        return in.make(Kind.MODIFIED, "thing", "a thing", place -> Files.writeString(place.resolve("file"), content));
    }

    @Test
    void nothingIsKeptOfAMakerThatFails() throws Exception {
        assertThatThrownBy(() -> store.make(Kind.MODIFIED, "thing", "a thing", place -> {
                    Files.writeString(place.resolve("half"), "half");
                    throw new IOException("no more room");
                }))
                .hasMessageContaining("no more room");

        assertThat(store.made(Kind.MODIFIED, "thing")).isEmpty();
        assertThat(store.kept()).isEmpty();
        try (Stored made = makeThing(store, "whole")) {
            assertThat(made.path().resolve("file")).hasContent("whole");
            assertThat(made.path().resolve("half")).doesNotExist();
        }
    }

    @Test
    void whoeverComesSecondWaitsForTheFirstMaker() throws Exception {
        MediaStore other = open();
        AtomicInteger makers = new AtomicInteger();
        CountDownLatch ready = new CountDownLatch(2);
        MediaStore.Maker maker = place -> {
            makers.incrementAndGet();
            Files.writeString(place.resolve("file"), "made");
        };
        Future<Stored> first = atOnce(ready, () -> store.make(Kind.INSTALLED, "image", "an image", maker));
        Future<Stored> second = atOnce(ready, () -> other.make(Kind.INSTALLED, "image", "an image", maker));

        try (Stored one = first.get();
                Stored two = second.get()) {
            assertThat(one.path().resolve("file")).hasContent("made");
            assertThat(two.path().resolve("file")).hasContent("made");
        }
        assertThat(makers).hasValue(1);
    }

    @Test
    void whatIsInUseIsNotRemoved() throws Exception {
        Stored used = fetch(store, SUM, medium());
        MediaStore other = open();
        MediaStore.Kept kept = other.kept().get(0);

        assertThat(other.remove(kept)).isFalse();
        assertThat(used.path()).hasBinaryContent(MEDIUM);
        used.close();

        assertThat(other.remove(kept)).isTrue();
        assertThat(store.kept()).isEmpty();
        assertThat(used.path()).doesNotExist();
    }

    @Test
    void whatIsInUseStaysWhereTheStoreShrinks() throws Exception {
        Stored used = fetch(store, SUM, medium());
        makeThing(store, "unused").close();

        open().shrinkTo(0);

        assertThat(used.path()).hasBinaryContent(MEDIUM);
        assertThat(store.made(Kind.MODIFIED, "thing")).isEmpty();
        used.close();
        store.shrinkTo(MEDIUM.length * 2L);
        assertThat(store.kept()).as("what is within the limit").hasSize(1);
    }

    @Test
    void whatAnImageReadsFromStaysAsLongAsTheImage() throws Exception {
        Path image = folder.resolve("image.qcow2");
        try (Stored base = store.make(
                Kind.INSTALLED,
                "base",
                "an image",
                place -> DiskImages.create(place.resolve("disk"), ImageFormat.RAW, 1 << 20, "rw-------"))) {
            FakeImage.createOverlay(image, base.path().resolve("disk"), ImageFormat.RAW);
            store.pin(Kind.INSTALLED, "base", image);
        }

        open().shrinkTo(0);
        try (Stored base = store.made(Kind.INSTALLED, "base").orElseThrow()) {
            assertThat(base.path().resolve("disk")).hasSize(1 << 20);
        }
        Files.delete(image);
        store.shrinkTo(0);

        assertThat(store.made(Kind.INSTALLED, "base")).isEmpty();
    }

    @Test
    void aKeyIsTheSameForTheSameInputsAndTellsNothingOfThem() throws Exception {
        String key = store.key(Map.of("password", "secret", "release", "1"));

        assertThat(key).matches("[A-Za-z0-9]{16,}").doesNotContain("secret");
        assertThat(open().key(Map.of("release", "1", "password", "secret"))).isEqualTo(key);
        assertThat(store.key(Map.of("release", "1", "password", "other"))).isNotEqualTo(key);
    }
}
