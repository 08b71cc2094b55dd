package org.oz4j.icicle;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Icicle;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class IcicleXmlTest {
    private static List<String> faults(String xml) throws Exception {
        List<String> faults = new ArrayList<>();
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new DefaultHandler() {
            @Override
            public void error(SAXParseException e) {
                faults.add(e.getMessage());
            }
        });
        ValidationDriver driver = new ValidationDriver(properties.toPropertyMap());
        assertThat(driver.loadSchema(new InputSource(new StringReader(Samples.golden("icicle.rng")))))
                .isTrue();
        driver.validate(new InputSource(new StringReader(xml)));
        return faults;
    }

    @Test
    void writesWhatTheGoldenFileHas() throws Exception {
        assertThat(IcicleXml.write(Samples.icicle(), true)).isEqualTo(Samples.golden("manifest.xml"));
    }

    @Test
    void whatIsWrittenIsValidAndReadsBack() throws Exception {
        String xml = IcicleXml.write(Samples.icicle(), true);

        assertThat(faults(xml)).isEmpty();
        assertThat(IcicleXml.read(xml)).isEqualTo(Samples.icicle());
    }

    @Test
    void namesAloneAreValidAndAllThatTheFirstReadersKnow() throws Exception {
        String xml = IcicleXml.write(Samples.icicle(), false);

        assertThat(faults(xml)).isEmpty();
        assertThat(xml)
                .doesNotContain("<os", " arch=", " vendor=", " source=")
                .contains("<extra>ii &lt;ok&gt;</extra>");
        assertThat(IcicleXml.read(xml).packages())
                .extracting(Icicle.Item::name)
                .containsExactlyElementsOf(Samples.icicle().packages().stream()
                        .map(Icicle.Item::name)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<icicle/>",
                "<icicle><packages><package/></packages></icicle>",
                "<icicle><packages><package name='a' installed='yesterday'/></packages></icicle>",
                "<icicle><packages><package name='a' colour='red'/></packages></icicle>",
                "<icicle><os name='a' version='1' arch='x' purl-type='D E B'/><packages/></icicle>"
            })
    void theSchemaRefusesWhatIsNoManifest(String xml) throws Exception {
        assertThat(faults(xml)).isNotEmpty();
    }

    @Test
    void whatAGuestPrintsThatIsNoXmlIsReplaced() throws Exception {
        Icicle odd = new Icicle(
                Optional.empty(),
                Optional.empty(),
                List.of(new Icicle.Item("a\u0001b", "1\u001b[31m", "\uFFFF").withExtra("\u0000 \uD83D\uDC27")));

        String xml = IcicleXml.write(odd, true);

        assertThat(faults(xml)).isEmpty();
        assertThat(IcicleXml.read(xml).packages())
                .containsExactly(new Icicle.Item("a\uFFFDb", "1\uFFFD[31m", "\uFFFD").withExtra("\uFFFD \uD83D\uDC27"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<html/>|its element is <html>",
                "<icicle|no manifest",
                "<icicle><packages><package/></packages></icicle>|name of a <package>",
                "<icicle><packages><package name='a' installed='now'/></packages></icicle>|\"now\" is no time",
                "<icicle><os name='a' version='1' arch='b'/></icicle>|purl-type of <os>",
                "<icicle><os name='a' version='1' arch='b' purl-type='!'/></icicle>|no type of a package URL",
                "<!DOCTYPE icicle [<!ENTITY a 'b'>]><icicle><description>&a;</description></icicle>|no manifest"
            })
    void whatIsNoManifestIsRefused(String xml, String told) {
        assertThatThrownBy(() -> IcicleFormat.read(xml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(told);
    }

    @Test
    void thePublishedSchemaIsTheOneInTheJar() throws Exception {
        assertThat(Path.of("..", "docs", "icicle.rng")).content().isEqualTo(Samples.golden("icicle.rng"));
    }
}
