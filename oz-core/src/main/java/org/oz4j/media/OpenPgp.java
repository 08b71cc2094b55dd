package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signers that are trusted, and signatures by them.
 *
 * <p>Source: RFC 9580 (OpenPGP), sections 5.2 (signatures), 7 (cleartext signatures) and 10 (keys). Not looked at: whether
 * a key was revoked after its file was made, and who vouches for it; the template names the key, which says that it is
 * trusted.
 */
final class OpenPgp {
    /** Where distributions keep the keys of their own and of others. */
    static final List<Path> KEYRINGS = List.of(
            Path.of("/usr/share/keyrings"),
            Path.of("/etc/apt/keyrings"),
            Path.of("/etc/apt/trusted.gpg.d"),
            Path.of("/etc/pki/rpm-gpg"),
            Path.of("/usr/share/distribution-gpg-keys"));

    private static final Logger LOG = LoggerFactory.getLogger(OpenPgp.class);
    private static final String MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----";
    private static final String SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
    private static final int CHUNK = 1 << 16;

    private final List<PGPPublicKeyRing> rings;
    private final String name;
    private final Collection<String> fingerprints;

    /**
     * Makes signers.
     *
     * @param fingerprints of their keys; empty for all of the keys
     */
    private OpenPgp(List<PGPPublicKeyRing> rings, String name, Collection<String> fingerprints) {
        this.rings = rings;
        this.name = name;
        this.fingerprints = fingerprints;
    }

    /** Those whose keys are in a file, armored or not. */
    static OpenPgp ofFile(byte[] file, URI location) {
        List<PGPPublicKeyRing> rings = new ArrayList<>();
        try {
            read(new ByteArrayInputStream(file)).forEach(rings::add);
        } catch (IOException | PGPException | RuntimeException e) { // Bouncy Castle throws both kinds at odd bytes
            LOG.debug("{} has no keys", location, e);
        }
        if (rings.isEmpty()) {
            throw new MediaException(
                    Kind.BAD_SIGNATURE,
                    location,
                    "There are no OpenPGP keys in " + location,
                    "Check its address",
                    null);
        }
        return new OpenPgp(rings, location.toString(), List.of());
    }

    /** Those with these fingerprints whose keys are in files of those folders; one at least. */
    static OpenPgp find(Collection<String> fingerprints, List<Path> folders, URI medium) throws IOException {
        List<PGPPublicKeyRing> rings = new ArrayList<>();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    for (PGPPublicKeyRing ring : readLeniently(file)) {
                        if (holds(ring, fingerprints)) {
                            rings.add(ring);
                        }
                    }
                }
            } catch (UncheckedIOException e) { // a folder below that can't be read
                throw e.getCause();
            }
        }
        if (!rings.isEmpty()) {
            return new OpenPgp(rings, String.join(" or ", fingerprints), fingerprints);
        }
        throw new MediaException(
                Kind.BAD_SIGNATURE,
                medium,
                "The key " + String.join(" or ", fingerprints) + " is in no keyring of this host: " + folders,
                "Install the package that has it (Debian: debian-keyring, ubuntu-keyring, distribution-gpg-keys), or give"
                        + " the address of the key",
                null);
    }

    private static PGPPublicKeyRingCollection read(InputStream in) throws IOException, PGPException {
        return new PGPPublicKeyRingCollection(PGPUtil.getDecoderStream(in), new BcKeyFingerprintCalculator());
    }

    /** The keys in a file, which need not be a keyring. */
    private static Iterable<PGPPublicKeyRing> readLeniently(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        } catch (IOException | PGPException | RuntimeException e) {
            LOG.debug("{} has no keys: {}", file, e.toString());
            return List.of();
        }
    }

    private static boolean holds(PGPPublicKeyRing ring, Collection<String> fingerprints) {
        for (PGPPublicKey key : ring) {
            if (fingerprints.contains(hex(key))) {
                return true;
            }
        }
        return false;
    }

    private static String hex(PGPPublicKey key) {
        return HexFormat.of().withUpperCase().formatHex(key.getFingerprint());
    }

    /**
     * Checks a signature that is a file of its own.
     *
     * @throws MediaException where none of the signers made it
     */
    void verify(InputStream data, byte[] signature, URI medium) throws IOException {
        Signed signed = signed(signature, PGPSignature.BINARY_DOCUMENT, medium);
        byte[] chunk = new byte[CHUNK];
        for (int count = data.read(chunk); count > 0; count = data.read(chunk)) {
            signed.signature().update(chunk, 0, count);
        }
        finish(signed, medium);
    }

    /**
     * The text of a clear-signed file.
     *
     * @return what is signed, without anything around it
     * @throws MediaException where it is not signed, or by none of the signers
     */
    String clearSigned(byte[] file, URI medium) throws IOException {
        List<String> lines =
                new String(file, StandardCharsets.ISO_8859_1).lines().toList();
        int begin = lines.indexOf(MESSAGE);
        int end = lines.indexOf(SIGNATURE);
        int blank = begin < 0 ? -1 : lines.subList(begin, lines.size()).indexOf("") + begin;
        if (begin < 0 || end < begin || blank < begin || blank > end) {
            throw bad(medium, "is not clear-signed", "Give the address of its signature in <signature>");
        }
        // RFC 9580, 7.2 and 5.2.4: dashes are escaped; blanks at a line's end do not count; line ends are CR LF, but
        // the last.
        List<String> text = lines.subList(blank + 1, end).stream()
                .map(line -> (line.startsWith("- ") ? line.substring(2) : line).stripTrailing())
                .toList();
        byte[] armor = String.join("\n", lines.subList(end, lines.size())).getBytes(StandardCharsets.ISO_8859_1);
        Signed signed = signed(armor, PGPSignature.CANONICAL_TEXT_DOCUMENT, medium);
        signed.signature().update(String.join("\r\n", text).getBytes(StandardCharsets.ISO_8859_1));
        finish(signed, medium);
        return String.join("\n", text) + "\n";
    }

    /** A signature that waits for what it signs, and the key it was made with, which is one of ours. */
    private record Signed(PGPSignature signature, PGPPublicKey key, PGPPublicKeyRing ring) {}

    private Signed signed(byte[] file, int type, URI medium) {
        List<String> strangers = new ArrayList<>();
        for (PGPSignature signature : signatures(file, medium)) {
            Optional<Signed> ours = ours(signature);
            if (ours.isEmpty()) {
                strangers.add(String.format(Locale.ROOT, "%016X", signature.getKeyID()));
                continue;
            }
            if (signature.getSignatureType() != type) {
                throw bad(medium, "has a signature of another kind than was to be expected", "Check its address");
            }
            if (signature.getHashAlgorithm() == HashAlgorithmTags.MD5) {
                throw bad(medium, "is signed over an MD5 sum, which anybody can forge", "Give a checksum");
            }
            try {
                signature.init(
                        new BcPGPContentVerifierBuilderProvider(), ours.get().key());
            } catch (PGPException e) {
                throw unreadable(medium, e);
            }
            return ours.get();
        }
        throw bad(
                medium,
                strangers.isEmpty() ? "has no signature" : "is signed by " + strangers + ", and not by " + name,
                "Check the key in the template, and where the medium comes from");
    }

    private static List<PGPSignature> signatures(byte[] file, URI medium) {
        List<PGPSignature> found = new ArrayList<>();
        try {
            BcPGPObjectFactory objects =
                    new BcPGPObjectFactory(PGPUtil.getDecoderStream(new ByteArrayInputStream(file)));
            for (Object object = objects.nextObject(); object != null; object = objects.nextObject()) {
                if (object instanceof PGPSignatureList list) {
                    list.forEach(found::add);
                }
            }
        } catch (IOException | RuntimeException e) { // Bouncy Castle throws both kinds at odd bytes
            throw unreadable(medium, e);
        }
        return found;
    }

    private Optional<Signed> ours(PGPSignature signature) {
        for (PGPPublicKeyRing ring : rings) {
            PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
            boolean named = key != null
                    && (fingerprints.isEmpty()
                            || fingerprints.contains(hex(key))
                            || fingerprints.contains(hex(ring.getPublicKey())));
            if (named) {
                return Optional.of(new Signed(signature, key, ring));
            }
        }
        return Optional.empty();
    }

    private void finish(Signed signed, URI medium) {
        boolean fits;
        try {
            fits = signed.signature().verify();
        } catch (PGPException e) {
            throw unreadable(medium, e);
        }
        if (!fits) {
            throw bad(
                    medium,
                    "is not what " + name + " signed",
                    "Fetch it anew; if that does not help, do not trust where it comes from");
        }
        PGPPublicKey key = signed.key();
        PGPPublicKey primary = signed.ring().getPublicKey();
        Instant made = signed.signature().getCreationTime().toInstant();
        if (primary.hasRevocation() || key.hasRevocation()) {
            throw bad(medium, "is signed with the key " + hex(key) + ", which is revoked", "Ask for the new key");
        }
        if (expiredAt(key, made) || expiredAt(primary, made)) {
            throw bad(
                    medium,
                    "was signed at " + made + " with the key " + hex(key) + ", which had expired",
                    "Get the key's file anew: its owner may have prolonged it");
        }
        if (!key.isMasterKey() && !bound(key, primary)) {
            throw bad(medium, "is signed with the key " + hex(key) + ", which is not for signing", "Ask its owner");
        }
        LOG.debug("{} is signed by {}", medium, hex(key));
    }

    private static boolean expiredAt(PGPPublicKey key, Instant time) {
        long seconds = key.getValidSeconds();
        return seconds > 0 && time.isAfter(key.getCreationTime().toInstant().plusSeconds(seconds));
    }

    /** Whether the primary key says that this one signs for it. */
    private static boolean bound(PGPPublicKey key, PGPPublicKey primary) {
        for (Iterator<PGPSignature> all = key.getSignaturesOfType(PGPSignature.SUBKEY_BINDING); all.hasNext(); ) {
            PGPSignature binding = all.next();
            try {
                binding.init(new BcPGPContentVerifierBuilderProvider(), primary);
                int flags = binding.getHashedSubPackets().getKeyFlags();
                if (binding.verifyCertification(primary, key) && (flags == 0 || (flags & KeyFlags.SIGN_DATA) != 0)) {
                    return true;
                }
            } catch (PGPException e) {
                LOG.debug("A binding of {} can't be read: {}", hex(key), e.toString());
            }
        }
        return false;
    }

    private static MediaException unreadable(URI medium, Exception cause) {
        return bad(medium, "has a signature that can't be read (" + cause.getMessage() + ")", "Check its address");
    }

    private static MediaException bad(URI medium, String what, String remedy) {
        return new MediaException(Kind.BAD_SIGNATURE, medium, "The file " + medium + " " + what, remedy, null);
    }
}
