package org.oz4j.template;

import org.xml.sax.Attributes;

/** What the parser read, kept so that it can be fed on once the whole file is known. */
sealed interface TdlEvent {
    /** A start tag. */
    record Start(String uri, String local, String qName, Attributes attributes, Spot spot) implements TdlEvent {}

    /** An end tag. */
    record End(String uri, String local, String qName) implements TdlEvent {}

    /** All the text between two tags. */
    record Text(String text) implements TdlEvent {}

    /** A namespace prefix comes into use. */
    record PrefixStart(String prefix, String uri) implements TdlEvent {}

    /** A namespace prefix goes out of use. */
    record PrefixEnd(String prefix) implements TdlEvent {}
}
