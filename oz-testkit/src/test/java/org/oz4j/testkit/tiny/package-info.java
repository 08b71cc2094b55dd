@NullMarked
package org.oz4j.testkit.tiny;

import org.jspecify.annotations.NullMarked;
