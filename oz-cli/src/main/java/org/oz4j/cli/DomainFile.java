package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;

import org.xml.sax.SAXException;

/** The file with a domain's XML that stands beside an image. */
final class DomainFile {
    private DomainFile() {}

    /** The image of the domain's first disk; what is no XML is taken for the image itself. */
    static Path imageOf(Path file) throws IOException {
        try (var stream = Files.newInputStream(file)) {
            String start =
                    new String(stream.readNBytes(64), java.nio.charset.StandardCharsets.ISO_8859_1).stripLeading();
            if (!start.startsWith("<")) {
                return file;
            }
        }
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            String path = XPathFactory.newDefaultInstance()
                    .newXPath()
                    .evaluate(
                            "/domain/devices/disk[not(@device) or @device='disk']/source/@file",
                            factory.newDocumentBuilder().parse(file.toFile()));
            if (path.isEmpty()) {
                throw new IOException(file + " names no disk image");
            }
            return Path.of(path);
        } catch (SAXException | ParserConfigurationException | XPathExpressionException e) {
            throw new IOException(file + " is no domain of libvirt: " + e.getMessage(), e);
        }
    }
}
