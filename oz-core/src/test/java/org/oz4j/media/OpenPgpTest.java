package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.media.Downloads.Signed;
import org.oz4j.template.Template.ChecksumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class OpenPgpTest {
    private static final URI MEDIUM = URI.create("https://e.org/a.iso");
    private static final byte[] DATA = "the medium".getBytes(StandardCharsets.UTF_8);
    private static final String SUMS = "# trailing blanks   \n- a dash\n" + "ab".repeat(32) + "  a.iso\n";

    @TempDir
    private Path folder;

    private static void assertRefused(ThrowingCallable call, String words) {
        MediaException refused = catchThrowableOfType(MediaException.class, call);
        assertThat(refused).hasMessageContaining(words);
        assertThat(refused.kind()).isEqualTo(Kind.BAD_SIGNATURE);
    }

    private static OpenPgp trusting(Signer signer) throws Exception {
        return OpenPgp.ofFile(signer.publicKeys(true), URI.create("file:///key.asc"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesASignatureByTheKeyOfTheFile(boolean armored) throws Exception {
        Signer signer = Signer.make();
        OpenPgp signers = OpenPgp.ofFile(signer.publicKeys(armored), URI.create("file:///key"));

        assertThatCode(() -> signers.verify(new ByteArrayInputStream(DATA), signer.detached(DATA, armored), MEDIUM))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesWhatIsNotWhatWasSigned() throws Exception {
        Signer signer = Signer.make();
        byte[] other = "the Medium".getBytes(StandardCharsets.UTF_8);

        assertRefused(
                () -> trusting(signer).verify(new ByteArrayInputStream(other), signer.detached(DATA, true), MEDIUM),
                "is not what file:///key.asc signed");
    }

    @Test
    void refusesASignatureBySomebodyElse() throws Exception {
        byte[] signature = Signer.make().detached(DATA, true);

        assertRefused(
                () -> trusting(Signer.make()).verify(new ByteArrayInputStream(DATA), signature, MEDIUM),
                "and not by file:///key.asc");
    }

    @Test
    void refusesAKeyThatHadExpired() throws Exception {
        Signer signer = new Signer(1, KeyFlags.SIGN_DATA);

        assertRefused(
                () -> trusting(signer).verify(new ByteArrayInputStream(DATA), signer.detached(DATA, true), MEDIUM),
                "which had expired");
    }

    @Test
    void refusesASubkeyThatIsNotForSigning() throws Exception {
        Signer signer = new Signer(0, KeyFlags.ENCRYPT_COMMS);

        assertRefused(
                () -> trusting(signer).verify(new ByteArrayInputStream(DATA), signer.detached(DATA, true), MEDIUM),
                "which is not for signing");
    }

    @Test
    void refusesWhatIsNoSignatureAndNoKey() throws Exception {
        Signer signer = Signer.make();
        byte[] junk = {1, 2, 3};

        assertRefused(() -> trusting(signer).verify(new ByteArrayInputStream(DATA), junk, MEDIUM), "has no signature");
        assertRefused(
                () -> trusting(signer).verify(new ByteArrayInputStream(DATA), new byte[0], MEDIUM), "has no signature");
        assertRefused(() -> OpenPgp.ofFile(junk, MEDIUM), "no OpenPGP keys");
        assertRefused(() -> OpenPgp.ofFile(new byte[0], MEDIUM), "no OpenPGP keys");
    }

    @Test
    void givesTheTextOfAClearSignedFileAndNothingAroundIt() throws Exception {
        Signer signer = Signer.make();
        String file = "cd".repeat(32) + "  a.iso\n" + new String(signer.clear(SUMS), StandardCharsets.UTF_8)
                + "ef".repeat(32) + "  a.iso\n";

        assertThat(trusting(signer).clearSigned(file.getBytes(StandardCharsets.UTF_8), MEDIUM))
                .isEqualTo(SUMS.replace("blanks   ", "blanks"));
    }

    @Test
    void refusesAClearSignedFileThatWasChanged() throws Exception {
        Signer signer = Signer.make();
        String changed = new String(signer.clear(SUMS), StandardCharsets.UTF_8).replace("abab", "abba");

        assertRefused(
                () -> trusting(signer).clearSigned(changed.getBytes(StandardCharsets.UTF_8), MEDIUM),
                "is not what file:///key.asc signed");
        assertRefused(
                () -> trusting(signer).clearSigned(SUMS.getBytes(StandardCharsets.UTF_8), MEDIUM),
                "is not clear-signed");
    }

    @Test
    void findsAKeyByItsFingerprintInTheHostsKeyrings() throws Exception {
        Signer signer = Signer.make();
        Files.write(folder.resolve("a-readme"), DATA);
        Files.write(folder.resolve("b.gpg"), Signer.make().publicKeys(false));
        Files.write(folder.resolve("c.asc"), signer.publicKeys(true));

        OpenPgp.find(List.of("00".repeat(20), signer.fingerprint()), List.of(folder.resolve("no-such"), folder), MEDIUM)
                .verify(new ByteArrayInputStream(DATA), signer.detached(DATA, false), MEDIUM);

        assertRefused(
                () -> OpenPgp.find(List.of("AB".repeat(20)), List.of(folder), MEDIUM), "is in no keyring of this host");
    }

    @Test
    void theStoreTakesSumsOnlyOutOfWhatIsSigned() throws Exception {
        Signer signer = Signer.make();
        LocalMediaStore store = new LocalMediaStore(folder.resolve("cache"), TimeSource.system());
        URI key =
                Files.write(folder.resolve("key.asc"), signer.publicKeys(true)).toUri();
        Path clear = Files.write(folder.resolve("SUMS"), signer.clear(SUMS));
        Signed clearSigned = new Signed(Optional.empty(), List.of(keyAddress(key)));
        ChecksumSource sums = new ChecksumSource.SumFile("SHA-256", clear.toUri());

        assertThat(store.downloads()
                        .checksum(sums, MEDIUM, Optional.of(clearSigned))
                        .hex())
                .isEqualTo("ab".repeat(32));
        Files.writeString(clear, "cd".repeat(32) + "  a.iso\n");
        assertRefused(() -> store.downloads().checksum(sums, MEDIUM, Optional.of(clearSigned)), "is not clear-signed");

        byte[] plain = SUMS.getBytes(StandardCharsets.UTF_8);
        Files.write(clear, plain);
        Path beside = Files.write(folder.resolve("SUMS.sig"), signer.detached(plain, false));
        Signed detached = new Signed(Optional.of(beside.toUri()), List.of(keyAddress(key)));
        assertThat(store.downloads()
                        .checksum(sums, MEDIUM, Optional.of(detached))
                        .hex())
                .isEqualTo("ab".repeat(32));
        store.downloads().verify(clear, MEDIUM, detached);
        Files.writeString(clear, SUMS + "\n");
        assertRefused(() -> store.downloads().checksum(sums, MEDIUM, Optional.of(detached)), "is not what");
        assertRefused(() -> store.downloads().verify(clear, MEDIUM, detached), "is not what");
    }

    private static String keyAddress(URI file) {
        return "file://" + file.getPath(); // as people write it
    }
}
