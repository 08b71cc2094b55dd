package org.oz4j.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

import org.oz4j.Arch;
import org.oz4j.MediaException;

import static org.oz4j.media.ImageBytes.latin;

/**
 * Tells what systems are in a WIM file ({@code .wim}, {@code .esd}, or the first part of {@code .swm}), without reading
 * more of it than its header and its XML data.
 *
 * <p>Sources: Microsoft's white paper "Windows Imaging File Format (WIM)" (2007) for the header and the XML data;
 * Microsoft's documentation of SYSTEM_INFO for the numbers of architectures.
 */
final class WimFile {
    private static final int HEADER = 208;
    private static final int LARGEST_XML = 16 << 20;
    private static final int MOST_IMAGES = 1000;
    private static final int DEEPEST = 32;
    private static final int COMPRESSED = 4;

    private static final Map<String, Arch> ARCHES = Map.of("0", Arch.I386, "9", Arch.X86_64, "12", Arch.AARCH64);

    private WimFile() {}

    /**
     * Reads the list of systems; those that are no Windows, or do not tell their version, are left out.
     *
     * @param content the file; what of it is not needed is skipped
     * @param failure makes the exception that tells what is wrong with the file
     * @return empty where it is no WIM file
     * @throws MediaException where it is one, but cut or damaged
     */
    static Optional<List<WimImage>> images(InputStream content, Function<String, MediaException> failure)
            throws IOException {
        ByteBuffer header = ByteBuffer.wrap(content.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        if (header.capacity() < 8 || !latin(header, 0, 8).equals("MSWIM\0\0\0")) {
            return Optional.empty();
        }
        if (header.capacity() < HEADER) {
            throw failure.apply("its header is cut");
        }
        // a resource: its size in 56 bits and its flags, where it lies, and its size when read
        long size = header.getLong(72) & 0x00ff_ffff_ffff_ffffL;
        int flags = header.get(79);
        long offset = header.getLong(80);
        if (offset < HEADER || (flags & COMPRESSED) != 0 || size < 2 || size > LARGEST_XML) {
            throw failure.apply("its XML data have " + size + " bytes at byte " + offset + ", which can't be");
        }
        try {
            content.skipNBytes(offset - HEADER);
        } catch (EOFException e) {
            throw failure.apply("it ends before its XML data");
        }
        byte[] xml = content.readNBytes((int) size);
        if (xml.length < size) {
            throw failure.apply("it ends within its XML data");
        }
        String text = new String(xml, StandardCharsets.UTF_16LE);
        try {
            return Optional.of(parse(text.startsWith("\ufeff") ? text.substring(1) : text));
        } catch (XMLStreamException e) {
            throw failure.apply("its XML data are no XML: " + e.getMessage());
        }
    }

    private static List<WimImage> parse(String xml) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
        List<WimImage> images = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>();
        Map<String, String> values = new HashMap<>();
        List<String> languages = new ArrayList<>();
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    open.addLast(reader.getLocalName());
                    if (open.size() > DEEPEST) {
                        throw new XMLStreamException("it is more than " + DEEPEST + " deep");
                    }
                    if (open.size() == 2) {
                        values.clear();
                        languages.clear();
                        values.put("INDEX", String.valueOf(reader.getAttributeValue(null, "INDEX")));
                    }
                }
                case XMLStreamConstants.CHARACTERS -> {
                    String path = String.join("/", open);
                    String text = reader.getText().strip();
                    if (text.isEmpty()) {
                        continue;
                    }
                    if (path.equals("WIM/IMAGE/WINDOWS/LANGUAGES/LANGUAGE")) {
                        languages.add(text);
                    } else if (path.startsWith("WIM/IMAGE/")) {
                        values.putIfAbsent(path.substring("WIM/IMAGE/".length()), text);
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    open.removeLast();
                    if (open.size() == 1 && reader.getLocalName().equals("IMAGE")) {
                        image(values, languages).ifPresent(images::add);
                        if (images.size() > MOST_IMAGES) {
                            throw new XMLStreamException("it tells of more than " + MOST_IMAGES + " images");
                        }
                    }
                }
                default -> {
                    // comments and the like
                }
            }
        }
        return images;
    }

    private static Optional<WimImage> image(Map<String, String> values, List<String> languages) {
        Optional<Integer> index = number(values, "INDEX");
        Optional<Integer> major = number(values, "WINDOWS/VERSION/MAJOR");
        Optional<Integer> minor = number(values, "WINDOWS/VERSION/MINOR");
        Optional<Integer> build = number(values, "WINDOWS/VERSION/BUILD");
        String name = values.getOrDefault("NAME", "");
        if (index.isEmpty() || major.isEmpty() || minor.isEmpty() || build.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new WimImage(
                index.get(),
                name,
                Optional.ofNullable(values.get("WINDOWS/EDITIONID")).or(() -> Optional.ofNullable(values.get("FLAGS"))),
                Optional.ofNullable(ARCHES.get(values.getOrDefault("WINDOWS/ARCH", ""))),
                values.getOrDefault("WINDOWS/PRODUCTTYPE", "").equalsIgnoreCase("ServerNT"),
                major.get(),
                minor.get(),
                build.get(),
                languages));
    }

    private static Optional<Integer> number(Map<String, String> values, String key) {
        return Optional.ofNullable(values.get(key))
                .filter(text -> text.matches("\\d{1,9}"))
                .map(Integer::valueOf);
    }
}
