package org.oz4j.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A WIM file without content: its header, something in between, and its XML data. */
final class RawWim {
    static final int XML = 4096;

    private RawWim() {}

    static byte[] of(String xml) {
        byte[] text = ("\ufeff" + xml).getBytes(StandardCharsets.UTF_16LE);
        return ByteBuffer.allocate(XML + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, RawIso.latin("MSWIM\0\0\0"))
                .putInt(8, 208)
                .putLong(72, text.length | 2L << 56)
                .putLong(80, XML)
                .putLong(88, text.length)
                .put(XML, text)
                .array();
    }

    static String xml(String... images) {
        return "<WIM><TOTALBYTES>5000</TOTALBYTES>" + String.join("", images) + "</WIM>";
    }

    /** An image as Windows' media have it. */
    static String image(int index, String name, String edition, int arch, String product, String version) {
        String[] numbers = version.split("\\.");
        return """
               <IMAGE INDEX="%d"><DIRCOUNT>23399</DIRCOUNT><CREATIONTIME><HIGHPART>0x01D69E80</HIGHPART></CREATIONTIME>
                 <WINDOWS><ARCH>%d</ARCH><PRODUCTNAME>Microsoft® Windows® Operating System</PRODUCTNAME>
                   <EDITIONID>%s</EDITIONID><PRODUCTTYPE>%s</PRODUCTTYPE>
                   <LANGUAGES><LANGUAGE>en-US</LANGUAGE><LANGUAGE>de-DE</LANGUAGE><DEFAULT>en-US</DEFAULT></LANGUAGES>
                   <VERSION><MAJOR>%s</MAJOR><MINOR>%s</MINOR><BUILD>%s</BUILD><SPBUILD>572</SPBUILD></VERSION>
                   <SYSTEMROOT>WINDOWS</SYSTEMROOT></WINDOWS>
                 <NAME>%s</NAME><DESCRIPTION>%s</DESCRIPTION><FLAGS>%s</FLAGS>
               </IMAGE>
               """
                .formatted(index, arch, edition, product, numbers[0], numbers[1], numbers[2], name, name, edition);
    }
}
