package org.oz4j.it;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.oz4j.icicle.IcicleFormat;

import static org.assertj.core.api.Assertions.assertThat;

/** Checks lists of what is inside by their schemas. */
final class Sboms {
    private Sboms() {}

    static void assertValid(IcicleFormat format, String text) throws Exception {
        if (format == IcicleFormat.CYCLONEDX) {
            assertThat(new JsonParser().validate(text.getBytes(StandardCharsets.UTF_8), Version.VERSION_16))
                    .isEmpty();
        } else if (format == IcicleFormat.SPDX) {
            try (InputStream schema =
                    org.spdx.tools.Verify.class.getResourceAsStream("/resources/spdx-schema-v2.3.json")) {
                assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                                .getSchema(new String(schema.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON)
                                .validate(
                                        text,
                                        InputFormat.JSON,
                                        context -> context.executionConfig(
                                                config -> config.formatAssertionsEnabled(true))))
                        .isEmpty();
            }
        } else {
            assertThat(IcicleFormat.read(text).packages()).isNotEmpty();
        }
    }
}
