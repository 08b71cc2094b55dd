/** The template: what to install, as immutable records, and its reader and writer. */
@NullMarked
package org.oz4j.template;

import org.jspecify.annotations.NullMarked;
