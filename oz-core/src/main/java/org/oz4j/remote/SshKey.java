package org.oz4j.remote;

import java.util.Base64;

/** A key pair for ssh, of a user or of a host. */
public sealed interface SshKey permits Ed25519Key, RsaKey {
    /** Its type, as public keys begin with. */
    String type();

    /** The public key as ssh sends it. */
    byte[] publicBlob();

    /** The public key as authorized_keys and known_hosts hold it: type and base64. */
    default String publicLine() {
        return type() + " " + Base64.getEncoder().encodeToString(publicBlob());
    }

    /** The private key in a form that OpenSSH takes, without a passphrase. */
    String openSshPrivateKey();
}
