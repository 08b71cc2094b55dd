/** Binding of XML to objects, for the packages that read and write it. */
@NullMarked
package org.oz4j.xml;

import org.jspecify.annotations.NullMarked;
