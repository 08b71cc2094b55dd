/** What the author of an OS plugin sees: a plugin is a pure function from a template and a medium to a profile. */
@NullMarked
package org.oz4j.spi;

import org.jspecify.annotations.NullMarked;
