package org.oz4j.engine;

import java.util.Optional;

import org.apache.commons.codec.digest.Crypt;
import org.junit.jupiter.api.Test;
import org.oz4j.spi.RootPassword;

import static org.assertj.core.api.Assertions.assertThat;

/** Passwords and tokens: given, made up, foretold by a seed, or masked. */
class SecretsTest {
    private static String hashOf(RootPassword password) {
        assertThat(password.sha512Crypt()).matches("\\$6\\$[./0-9A-Za-z]{16}\\$[./0-9A-Za-z]{86}");
        return Crypt.crypt(password.clearText(), password.sha512Crypt());
    }

    @Test
    void aGivenPasswordIsHashedWithASaltOfItsOwn() {
        RootPassword one = Secrets.random().password("root", Optional.of("top secret"));
        RootPassword other = Secrets.random().password("root", Optional.of("top secret"));

        assertThat(one.clearText()).isEqualTo("top secret");
        assertThat(hashOf(one)).isEqualTo(one.sha512Crypt());
        assertThat(other.sha512Crypt()).isNotEqualTo(one.sha512Crypt());
    }

    @Test
    void wherePasswordsAreNotGivenNobodyKnowsThem() {
        RootPassword one = Secrets.random().password("root", Optional.empty());
        RootPassword other = Secrets.random().password("root", Optional.empty());

        assertThat(one.clearText()).matches("[0-9a-f]{32}").isNotEqualTo(other.clearText());
        assertThat(hashOf(one)).isEqualTo(one.sha512Crypt());
        assertThat(Secrets.token()).matches("[0-9a-f]{32}").isNotEqualTo(Secrets.token());
    }

    @Test
    void oneSeedTellsAllSecretsAndNoTwoUsesHaveTheSame() {
        RootPassword root = Secrets.of("seed").password("root", Optional.empty());

        assertThat(Secrets.of("seed").token("of success"))
                .matches("[0-9a-f]{32}")
                .isEqualTo(Secrets.of("seed").token("of success"))
                .isNotEqualTo(Secrets.of("seed").token("of something else"))
                .isNotEqualTo(Secrets.of("sad").token("of success"));
        assertThat(Secrets.of("seed").password("root", Optional.empty()))
                .extracting(RootPassword::clearText, RootPassword::sha512Crypt)
                .containsExactly(root.clearText(), root.sha512Crypt());
        assertThat(Secrets.of("seed").password("jo", Optional.empty()).clearText())
                .isNotEqualTo(root.clearText());
    }

    @Test
    void maskedSecretsAreStars() {
        RootPassword password = Secrets.masked().password("root", Optional.of("top secret"));

        assertThat(password)
                .extracting(RootPassword::clearText, RootPassword::sha512Crypt)
                .containsExactly("********", "********");
        assertThat(Secrets.masked().token("of success")).isEqualTo("********");
    }
}
