#include "history/trial.h"

const char *hone_trial_state_name(hone_trial_state state)
{
    switch (state) {
    case HONE_RUNNING: return "running";
    case HONE_COMPLETE: return "complete";
    case HONE_PRUNED: return "pruned";
    case HONE_FAILED: return "failed";
    case HONE_WAITING: return "waiting";
    }
    return "unknown";
}
