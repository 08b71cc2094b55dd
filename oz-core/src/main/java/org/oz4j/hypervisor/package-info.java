/** The hypervisor port: what the engine asks of a hypervisor, in no hypervisor's own terms. */
@NullMarked
package org.oz4j.hypervisor;

import org.jspecify.annotations.NullMarked;
