include $(sort $(wildcard $(BR2_EXTERNAL_PROLOGUE_PATH)/package/*/*.mk))
include $(sort $(wildcard $(BR2_EXTERNAL_PROLOGUE_PATH)/fs/*/*.mk))
