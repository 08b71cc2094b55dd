/** What the families share in writing answer files. */
@NullMarked
package org.oz4j.os.answers;

import org.jspecify.annotations.NullMarked;
