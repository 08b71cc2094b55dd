package org.oz4j.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;

import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;

/** Somebody who signs, with a primary key that certifies and a subkey that signs. */
final class Signer {
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

    private final PGPKeyPair subkey;
    private final PGPPublicKeyRing ring;

    /**
     * Makes keys.
     *
     * @param validSeconds how long they are valid; 0 for ever
     * @param subkeyFlags what the subkey is for
     */
    Signer(long validSeconds, int subkeyFlags) throws PGPException {
        PGPKeyPair primary = pair();
        subkey = pair();
        PGPSignatureSubpacketGenerator certifies = new PGPSignatureSubpacketGenerator();
        certifies.setKeyFlags(true, KeyFlags.CERTIFY_OTHER);
        certifies.setKeyExpirationTime(true, validSeconds);
        PGPSignatureSubpacketGenerator signs = new PGPSignatureSubpacketGenerator();
        signs.setKeyFlags(true, subkeyFlags);
        PGPKeyRingGenerator generator = new PGPKeyRingGenerator(
                PGPSignature.POSITIVE_CERTIFICATION,
                primary,
                "Test <test@example.com>",
                new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
                certifies.generate(),
                null,
                new BcPGPContentSignerBuilder(PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512),
                null);
        generator.addSubKey(subkey, signs.generate(), null);
        ring = generator.generatePublicKeyRing();
    }

    /** One whose keys are valid for ever. */
    static Signer make() throws PGPException {
        return new Signer(0, KeyFlags.SIGN_DATA);
    }

    private static PGPKeyPair pair() throws PGPException {
        Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
        generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        return new BcPGPKeyPair(
                PublicKeyPacket.VERSION_4,
                PublicKeyAlgorithmTags.EDDSA_LEGACY,
                generator.generateKeyPair(),
                Date.from(MADE));
    }

    /** The public keys. */
    byte[] publicKeys(boolean armored) throws IOException {
        return armored ? armored(ring.getEncoded()) : ring.getEncoded();
    }

    /** The primary key's fingerprint. */
    String fingerprint() {
        return HexFormat.of().withUpperCase().formatHex(ring.getPublicKey().getFingerprint());
    }

    /** A signature that is a file of its own. */
    byte[] detached(byte[] data, boolean armored) throws PGPException, IOException {
        byte[] signature = sign(data, PGPSignature.BINARY_DOCUMENT);
        return armored ? armored(signature) : signature;
    }

    /** A clear-signed text. */
    byte[] clear(String text) throws PGPException, IOException {
        String canonical =
                String.join("\r\n", text.lines().map(String::stripTrailing).toList());
        byte[] signature = sign(canonical.getBytes(StandardCharsets.UTF_8), PGPSignature.CANONICAL_TEXT_DOCUMENT);
        StringBuilder file = new StringBuilder("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n");
        text.lines().forEach(line -> file.append(line.startsWith("-") ? "- " : "")
                .append(line)
                .append('\n'));
        return file.append(new String(armored(signature), StandardCharsets.US_ASCII))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] sign(byte[] data, int type) throws PGPException, IOException {
        PGPSignatureGenerator generator = new PGPSignatureGenerator(
                new BcPGPContentSignerBuilder(PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512),
                subkey.getPublicKey());
        generator.init(type, subkey.getPrivateKey());
        generator.update(data);
        return generator.generate().getEncoded();
    }

    private static byte[] armored(byte[] packets) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArmoredOutputStream out = ArmoredOutputStream.builder().build(bytes)) {
            out.write(packets);
        }
        return bytes.toByteArray();
    }
}
